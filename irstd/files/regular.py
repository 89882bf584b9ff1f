"""Regular files, opened without waiting: a FIFO, a device or a socket of the same name is refused."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from irstd.errors import DataError

MOST_BYTES = 1 << 30
_KINDS = (
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISDIR, "folder"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISSOCK, "socket"),
)


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; links are followed. Nothing that is not a regular file is waited for or read.

    Raises:
        DataError: it is missing, cannot be read or is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as fault:
        reason = "it is a socket or device" if fault.errno == errno.ENXIO else fault.strerror
        raise DataError(f"{path}: cannot be read ({reason})") from fault
    except ValueError as fault:  # a name with a NUL
        raise DataError(f"{str(path)!r}: cannot be the name of a file") from fault
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = next((name for holds, name in _KINDS if holds(mode)), "special file")
        raise DataError(f"{path}: is a {kind}; only regular files are read")
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a regular file of at most `most` bytes.

    Raises:
        DataError: as `open_regular`, or it is longer; no more than that is read.
    """
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(size + 1) if size <= most else b""
            if size < len(data) <= most:  # some files, as in /proc, are longer than they say
                data += stream.read(most + 1 - len(data))
    except OSError as fault:
        raise DataError(f"{path}: cannot be read ({fault.strerror})") from fault
    if max(size, len(data)) > most:
        raise DataError(f"{path}: is longer than {most} bytes, which is the most that is read of such a file")
    return data
