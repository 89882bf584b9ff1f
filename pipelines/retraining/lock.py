"""One retraining at a time, by a lock that ends with its process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from irstd.errors import ComputeError
from irstd.files import make_folder, write_text
from irstd.project.paths import STATE

_LOCK, _HOLDER = STATE / "retrain.lock", STATE / "retrain.pid"


class AtWorkError(ComputeError):
    """Another retraining of this project is at work."""


@contextmanager
def exclusive_lock() -> Iterator[None]:
    """Hold the lock of the project's retraining. No process started meanwhile inherits it.

    Raises:
        AtWorkError: another process holds it; says which.
    """
    make_folder(_LOCK.parent)
    try:
        held = FileLock(_LOCK).acquire(timeout=0)
    except Timeout as fault:
        holder = _HOLDER.read_text(encoding="utf-8") if _HOLDER.is_file() else "unknown"
        raise AtWorkError(f"another retraining is at work (process {holder}); let it end") from fault
    with held:
        write_text(_HOLDER, str(os.getpid()))
        yield
