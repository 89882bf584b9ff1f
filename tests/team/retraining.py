"""A retraining on the work pool, asked for by Prefect's API, and the tasks that the two machines run meanwhile."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.faults.nodes import TwoNodes
from tests.team.stack import Stack
from tests.team.state import prefect

PATIENCE_S = 1500.0
FITS, SCORES = "ray::ImplicitFunc.train", "ray::_score_shard"


def ask(environment: Mapping[str, str]) -> str:
    """Ask for a run now and return its id."""
    deployment = prefect(environment, "deployments/name/retrain/server")["id"]
    return str(prefect(environment, f"deployments/{deployment}/create_flow_run", {})["id"])


def outcome(environment: Mapping[str, str], run: str) -> tuple[str, str]:
    """Return name and message of the run's final state; a server that is away for a while is asked again.

    Raises:
        RuntimeError: the run does not end in time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            state = prefect(environment, f"flow_runs/{run}")["state"]
        except httpx.HTTPError:
            state = {"type": ""}
        if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            return state["name"], state.get("message") or ""
        time.sleep(1)
    raise RuntimeError(f"the run {run} did not end within {PATIENCE_S:g} s")


def begun(environment: Mapping[str, str], run: str, task: str, seen: "Seen") -> bool:
    """Wait until a machine works on such a task of the run; False where the run ended before."""
    while not any(task in names for names in (*seen.first, *seen.second)):
        state = prefect(environment, f"flow_runs/{run}")["state"]
        if state["type"] not in ("SCHEDULED", "PENDING", "RUNNING"):
            return False
        time.sleep(0.2)
    return True


@dataclass
class Seen:
    """Tasks that each machine was seen at."""

    first: set[str] = field(default_factory=set)
    second: set[str] = field(default_factory=set)

    def kinds(self, machine: set[str]) -> set[str]:
        """The tasks of a machine without their progress."""
        return {name.split(" ")[0] for name in machine}


@contextmanager
def seen(stack: Stack) -> Iterator[Seen]:
    """Yield the tasks that the machines are seen at meanwhile."""
    found, done = Seen(), threading.Event()
    watched = [
        (TwoNodes("", stack.running["ray-head"]), found.first),
        (TwoNodes("", stack.running["ray-node"]), found.second),
    ]

    def look() -> None:
        while not done.is_set():
            for machine, names in watched:
                names.update(machine.at_work())
            time.sleep(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()
