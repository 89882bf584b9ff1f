"""No sequence of failures, kills or concurrent changes leaves two champions, none, or one that does not load."""

import multiprocessing
import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from irstd.errors import RegistryError
from irstd.promotion.champions import registry_state, roll_back, set_challenger, set_champion, settle
from irstd.tracking.fetching import load_version
from irstd.tracking.registry import Version, get_version
from irstd.tracking.store import Store, open_store
from tests.tracking.build import new_store, versions

pytestmark = pytest.mark.slow

MANY = 4


class Killed(BaseException):
    """Stands for the end of a process: nothing catches it."""


class Failing:
    """MLflow's own client, but for one call, which fails before or after it took effect."""

    def __init__(self, client: MlflowClient, at: int, fault: type[BaseException], *, after: bool) -> None:
        self._client, self._left, self._fault, self._after = client, at, fault, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name == "tracking_uri":
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise self._fault("injected")
            done = real(*arguments, **named)
            if self._left == 0:
                raise self._fault("injected")
            return done

        return call


def holds(store: Store, once: bool) -> str | None:
    """The champion's number, after a look that it loads; None only where there was none."""
    champion = registry_state(store).champion
    assert champion is not None or not once, "there was a champion, and there is none"
    if champion is not None:
        load_version(store, champion)
    return champion


def champions(store: Store) -> list[str]:
    """The versions that say that they are champion."""
    each = [store.client.get_model_version("irstd", str(number + 1)) for number in range(MANY)]
    return [str(version.version) for version in each if "champion" in version.aliases]


def is_settled(store: Store) -> None:
    """After the next look: the entries that took effect are a chain that ends at the champion; so does `previous`."""
    found = settle(store)
    done = [entry for entry in found.history if entry.state == "done"]
    assert all(entry.state in ("done", "void") for entry in found.history)
    assert [entry.number for entry in found.history] == list(range(1, len(found.history) + 1))
    assert [entry.before for entry in done] == [None, *(entry.version for entry in done)][: len(done)]
    assert (done[-1].version if done else None) == found.champion
    previous = found.aliases.get("previous")
    assert previous is None or (previous != found.champion and previous in {entry.version for entry in done})
    assert found.aliases.get("challenger") != found.champion or found.champion is None
    assert settle(store) == found


def change(store: Store, kind: str, version: Version) -> None:
    """Change the registry as the gate, a person or a challenge does."""
    if kind == "roll back":
        roll_back(store, "no good")
    elif kind == "challenge":
        set_challenger(store, version)
    else:
        set_champion(store, version, "promoted by the gate", "better", registry_state(store).champion)


Step = tuple[str, int, int, type[BaseException], bool]
STEPS = st.tuples(
    st.sampled_from(("promote", "promote", "roll back", "challenge")),
    st.integers(0, MANY - 1),
    st.integers(0, 30),  # which call fails; 0: none, and of most changes the last ones are not reached
    st.sampled_from((MlflowException, OSError, Killed)),
    st.booleans(),
)


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a few versions and no champion, to be copied."""
    root = tmp_path_factory.mktemp("registered")
    versions(new_store(root), root / "bundles", MANY)
    return root


@settings(
    max_examples=int(os.environ.get("IRSTD_EXAMPLES", "15")),
    derandomize="IRSTD_EXAMPLES" not in os.environ,  # the same ones each time, but where more are asked for
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
def test_failures_at_any_step_leave_one_champion_that_loads(registered: Path, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        store = copied(registered, Path(scratch))
        once = False
        for kind, which, at, fault, after in steps:
            failing = Failing(store.client, at, fault, after=after)
            with suppress(RegistryError, Killed):
                change(replace(store, client=cast(Any, failing)), kind, get_version(store, str(which + 1)))
            champion = holds(store, once)
            once = champion is not None
            assert champions(store) == ([champion] if champion else [])
        is_settled(store)


def copied(registered: Path, root: Path) -> Store:
    """A registry of its own on the same artifacts."""
    (root / "var").mkdir()
    (root / "var/mlartifacts").symlink_to(registered / "var/mlartifacts")
    (root / "var/mlflow.db").write_bytes((registered / "var/mlflow.db").read_bytes())
    return open_store(root)


def keep_changing(root: Path, seed: int, changes: int) -> None:
    """A process that promotes and rolls back as fast as it can."""
    store = open_store(root)
    for number in range(seed, seed + changes):
        with suppress(RegistryError):
            change(store, "roll back" if number % 3 == 0 else "promote", get_version(store, str(number % MANY + 1)))


def test_processes_at_once_one_killed_leave_one_champion_that_loads(registered: Path, tmp_path: Path) -> None:
    store = copied(registered, tmp_path)
    set_champion(store, get_version(store, "1"), "promoted by the gate", "the first", None)
    processes = [spawned(keep_changing, tmp_path, seed, changes) for seed, changes in enumerate((1000, 8, 8))]
    try:
        while len(registry_state(store).history) < 4:
            holds(store, once=True)
        os.kill(cast(int, processes[0].pid), signal.SIGKILL)
        while any(process.is_alive() for process in processes):
            holds(store, once=True)
    finally:
        for process in processes:
            process.kill()
            process.join()
    assert [process.exitcode for process in processes] == [-signal.SIGKILL, 0, 0]
    assert len(champions(store)) == 1
    is_settled(store)


def spawned(work: Callable[..., None], *arguments: Any) -> Any:
    """A process that starts anew, as another command would."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def test_a_process_killed_with_the_lock_in_its_hand_leaves_none(registered: Path, tmp_path: Path) -> None:
    store = copied(registered, tmp_path)
    set_champion(store, get_version(store, "1"), "promoted by the gate", "the first", None)
    process = spawned(stop_half_way, tmp_path)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert registry_state(store).history[-1].state == "begun"
    assert holds(store, once=True) == "2"
    set_champion(store, get_version(store, "3"), "promoted by the gate", "better", "2")
    assert registry_state(store).aliases == {"champion": "3", "previous": "2"}
    is_settled(store)


def stop_half_way(root: Path) -> None:
    """Kill this process right after the alias is set."""
    store = open_store(root)
    dying = DiesOnce(store.client)
    change(replace(store, client=cast(Any, dying)), "promote", get_version(store, "2"))


class DiesOnce:
    """MLflow's own client; the process ends when it has set an alias."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != "set_registered_model_alias":
            return real

        def call(*arguments: Any) -> None:
            real(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        return call
