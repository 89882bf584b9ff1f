"""Runs that a killed process left open."""

import multiprocessing
import os
import signal
from pathlib import Path

from irstd.tracking import PROCESS_TAG
from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.runs import variant_run
from irstd.tracking.store import Store, open_store
from tests.tracking.build import new_store


def status(store: Store, run_id: str) -> str:
    return str(store.client.get_run(run_id).info.status)


def open_and_die(root: Path) -> None:
    """A process that is killed with a run open."""
    variant_run(open_store(root), "field", "killed", "a key")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_s_run_is_ended_and_others_are_left(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    killed = multiprocessing.get_context("spawn").Process(target=open_and_die, args=(tmp_path,))
    killed.start()
    killed.join()
    ours = variant_run(store, "field", "spire", "another key")
    elsewhere = variant_run(store, "other", "spire", "a third key")
    elsewhere.tags({PROCESS_TAG: "another-machine 1 1000000000"})
    again = variant_run(store, "other", "acm", "a fourth key")
    again.tags({PROCESS_TAG: elsewhere_in_time(store, again.id)})
    assert sorted(close_abandoned(store)) == ["acm", "killed"]
    assert [status(store, run.id) for run in (ours, elsewhere, again)] == ["RUNNING", "RUNNING", "KILLED"]
    assert close_abandoned(store) == []


def elsewhere_in_time(store: Store, run_id: str) -> str:
    """The tag of a process of this number that began at another time: numbers come again."""
    machine, number, began = store.client.get_run(run_id).data.tags[PROCESS_TAG].rsplit(" ", 2)
    return f"{machine} {number} {float(began) - 100:.0f}"


def test_a_run_that_was_ended_so_goes_on_when_its_work_does(tmp_path: Path) -> None:
    killed = multiprocessing.get_context("spawn").Process(target=open_and_die, args=(tmp_path,))
    killed.start()
    killed.join()
    store = open_store(tmp_path)
    close_abandoned(store)
    run = variant_run(store, "field", "killed", "a key")
    assert status(store, run.id) == "RUNNING"
    assert close_abandoned(store) == []
    run.end()
    assert status(store, run.id) == "FINISHED"
    assert len(store.client.search_runs([store.client.get_run(run.id).info.experiment_id])) == 1
