"""One retraining at a time, by a lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from irstd.errors import ComputeError
from irstd.files import make_folder
from irstd.project.paths import STATE

_LOCK = STATE / "retrain.lock"


class AtWorkError(ComputeError):
    """Another retraining of this project is at work."""


@contextmanager
def alone() -> Iterator[None]:
    """Nothing else holds this lock inside the block. No process started there inherits it.

    Raises:
        AtWorkError: another process holds it; says which.
    """
    make_folder(_LOCK.parent)
    with _LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            lock.seek(0)
            raise AtWorkError(f"another retraining is at work (process {lock.read().strip()}); let it end") from fault
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
