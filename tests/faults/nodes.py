"""A Ray cluster of two machines on this one: two raylets, the second without the project's folder."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipelines.servers.embedded import free_port
from tests.faults.disk import namespace

HEAD, OTHER = "127.0.0.1", "127.0.0.2"
ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0


@dataclass(frozen=True)
class TwoNodes:
    """The cluster's address, and its second node, which can be killed as a whole."""

    address: str
    other: psutil.Process

    def at_work(self) -> set[str]:
        """Return the tasks of the second node's workers by Ray's names: `ray::_stream`, …, without idle ones."""
        names = set()
        for process in self.other.children(recursive=True):
            try:
                title = " ".join(process.cmdline())
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
            if title.startswith("ray::") and not title.startswith(("ray::IDLE", "ray::Dashboard", "ray::Runtime")):
                names.add(title.split("(")[0])
        return names

    def die(self) -> None:
        """kill -9 of every process of the second node at once, as when its power goes."""
        for process in [*self.other.children(recursive=True), self.other]:
            process.kill()


@contextmanager
def two_nodes(project: Path, cpus: tuple[int, int]) -> Iterator[TwoNodes]:
    """A head and a second node with so many CPUs each; for the second, `project` is an empty folder."""
    os.environ["RAY_AUTH_MODE"] = "token"  # for both nodes and for the flows that join them
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    port = free_port()
    address = f"{HEAD}:{port}"
    scratch = tempfile.mkdtemp(prefix="irstd-ray-")  # else Ray would note there which cluster this machine has
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats"]
    head = _start([*ray, "--head", f"--port={port}", f"--node-ip-address={HEAD}", f"--num-cpus={cpus[0]}",
                   f"--temp-dir={scratch}", "--include-dashboard=false"])  # fmt: skip
    other = None
    try:
        _wait_for(address, 1)
        start = " ".join([*ray, f"--address={address}", f"--node-ip-address={OTHER}", f"--num-cpus={cpus[1]}"])
        other = _start([*(namespace() or ()), "sh", "-c", f"mount -t tmpfs none {project} && cd / && exec {start}"])
        _wait_for(address, 2)
        yield TwoNodes(address, psutil.Process(other.pid))
    finally:
        for process in filter(None, (other, head)):
            _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # The same code on each machine, though the second does not see the project's.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("RAY_ADDRESS", None)
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


COUNT = """
import sys, ray
ray.init(address=sys.argv[1], logging_level="ERROR", log_to_driver=False)
print(sum(node["Alive"] for node in ray.nodes()))
"""


def _wait_for(address: str, nodes: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        done = subprocess.run(
            [sys.executable, "-c", COUNT, address],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout.strip() == str(nodes):
            return
        time.sleep(0.5)
    raise RuntimeError(f"Ray at {address}: not {nodes} nodes within {PATIENCE_S:g} s")
