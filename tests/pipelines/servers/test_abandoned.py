"""Flow runs that a killed process left open."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prefect import flow, get_client

from irstd.project.process import is_gone, this_process
from pipelines.servers.abandoned import close_abandoned, name_process

ROOT = Path(__file__).parents[3]
_DIES = """
import os, signal, time
from prefect import flow, task
from pipelines.servers.abandoned import name_process

@task
def inner():
    time.sleep(3)  # until the server has been told of it
    os.kill(os.getpid(), signal.SIGKILL)

@flow(name="dies", flow_run_name="dies", on_running=[name_process])
def outer():
    inner()

outer()
"""


def test_a_mark_is_gone_with_its_process_and_others_cannot_be_seen() -> None:
    machine, number, began = this_process().rsplit(" ", 2)
    assert not is_gone(this_process())
    assert is_gone(f"{machine} {number} {int(began) - 100}")  # numbers come again
    for other in (f"not-{machine} {number} {int(began) - 100}", "night", "", f"{machine} night 1"):
        assert not is_gone(other)


@pytest.mark.slow
def test_the_run_of_a_killed_process_counts_as_crashed_and_one_at_work_is_left(services: None) -> None:
    killed = subprocess.run([sys.executable, "-c", _DIES], cwd=ROOT, check=False, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    @flow(name="lives", flow_run_name="lives", on_running=[name_process])
    def lives() -> list[str]:
        with get_client(sync_client=True) as client:
            return close_abandoned(client)

    assert lives() == ["dies"]
    assert lives() == []
    with get_client(sync_client=True) as client:
        runs = {run.name: run for run in client.read_flow_runs()}
        state = runs["dies"].state
        assert [runs[name].tags for name in ("dies", "lives")] == [[], []]  # others share the server
        assert state is not None
        assert state.name == "Crashed"
        assert "its process was killed" in str(state.message)
        assert [each.state_name for each in client.read_task_runs() if each.flow_run_id == runs["dies"].id] == [
            "Crashed"
        ]
