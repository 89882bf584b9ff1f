"""`die_with_parent.py PARENT SIGNAL COMMAND …`: a command that ends with the process that started it.

A killed process stops nothing that it started: its server would listen and its DVC go on until a person finds them.
The kernel can end them instead (Linux); elsewhere they go on.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2); it outlives exec


def end_with(parent: int, by: signal.Signals) -> None:
    """Have the kernel send this process the signal `by` when `parent`, which started it, ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, int(by))
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), by)


def bound_to_parent(command: Sequence[str], by: signal.Signals) -> list[str]:
    """`command` as one that ends by the signal `by` with this process."""
    return [sys.executable, __file__, str(os.getpid()), by.name, *command]


if __name__ == "__main__":
    end_with(int(sys.argv[1]), signal.Signals[sys.argv[2]])
    os.execvp(sys.argv[3], sys.argv[3:])
