"""Processes that end with a killed parent."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pipelines.servers.die_with_parent import bound_to_parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can do this")

# A parent that starts a sleeper of 1000 s, bound to it, and says its number.
PARENT = """
import signal, subprocess, sys, time
from pipelines.servers.die_with_parent import bound_to_parent
sleeper = subprocess.Popen(bound_to_parent([sys.executable, "-c", "import time; time.sleep(1000)"], signal.SIGTERM))
print(sleeper.pid, flush=True)
time.sleep(1000)
"""


def gone(number: int) -> bool:
    """Return True if a process is gone within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_a_bound_process_ends_with_the_one_that_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    sleeper = int(parent.stdout.readline())
    time.sleep(0.5)
    assert psutil.pid_exists(sleeper)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(sleeper)


def test_one_whose_starter_is_gone_already_does_not_begin() -> None:
    program, script, _, by, *command = bound_to_parent([sys.executable, "-c", "print('begun')"], signal.SIGKILL)
    done = subprocess.run([program, script, "1", by, *command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "")


def test_output_and_exit_code_are_the_command_s() -> None:
    command = [sys.executable, "-c", "import sys; print('said'); sys.exit(3)"]
    done = subprocess.run(bound_to_parent(command, signal.SIGTERM), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "said\n")
