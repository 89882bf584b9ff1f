"""The folder of an embedded Ray: private, new, and short enough for its sockets."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from irstd.errors import ComputeError
from irstd.files import require_room
from irstd.files.disk_faults import unwritten

_NAME = "irstd-ray-"
_MOST_BYTES = 107  # of a socket's path, in the kernel
_INNER = "r"
_SOCKET = f"/{_INNER}/session_2026-01-01_00-00-00_000000_1234567/sockets/plasma_store"  # Ray's longest, in its folder
_PLACES = ("RAY_TMPDIR", "TMPDIR")  # as Ray reads them


@contextmanager
def ray_folder() -> Iterator[Path]:
    """Yield a new folder that nobody else can enter or guess, and remove it at the end.

    It is inside a private one, since Ray opens its own to everybody, which lies in RAY_TMPDIR, else TMPDIR, else /tmp.
    Those of killed processes are removed first.

    Raises:
        ComputeError: the place is too long for Ray's sockets, or cannot be written to.
        DataError: there is no room in it.
    """
    variable = next((name for name in _PLACES if os.environ.get(name)), None)
    home = Path(os.environ[variable] if variable else "/tmp").absolute()
    prefix = f"{_NAME}{os.getpid()}-"
    room = _MOST_BYTES - len(f"/{prefix}12345678{_SOCKET}")
    if len(os.fsencode(home)) > room:
        raise ComputeError(
            f"{variable}={home}: too long for the sockets of Ray, at most {room} bytes; set RAY_TMPDIR to a short "
            "folder, such as /tmp"
        )
    _clear_up(home)
    require_room(home)  # without it Ray would only say, and late, that it waited for a file
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=home))
    except OSError as fault:
        raise ComputeError(unwritten(home, fault)) from fault
    try:
        (folder / _INNER).mkdir()
        yield folder / _INNER
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_up(home: Path) -> None:
    """Remove the folders that killed processes of this user left."""
    for left in home.glob(f"{_NAME}*-*"):
        number = left.name.removeprefix(_NAME).partition("-")[0]
        try:
            ours = number.isdecimal() and left.lstat().st_uid == os.geteuid()
            if ours and not psutil.pid_exists(int(number)):
                shutil.rmtree(left, ignore_errors=True)
        except OSError:  # somebody else removed it meanwhile
            continue
