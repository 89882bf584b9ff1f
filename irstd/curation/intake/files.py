"""Files of a set as somebody brought them: what can come in at all."""

import os
from collections.abc import Iterator
from pathlib import Path

from irstd.curation.intake.staging import longest_prefix, plain_name
from irstd.errors import DataError

_LONGEST = 200
"""Bytes of a frame's name in the dataset; file systems take 255, and results put more before and after it. Ours."""


def check_files(folder: Path) -> None:
    """Check that a set holds folders and regular files or links to these, with names that a dataset's frames can have.

    Hidden ones are not looked at.

    Raises:
        DataError: it holds no file, or anything else; names the first.
    """
    most = _LONGEST - len(longest_prefix(plain_name(folder.name), "0" * 64))
    files = 0
    for path in _all_below(folder):
        name = os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace")
        if name != str(path.relative_to(folder)):
            raise DataError(f"{name}: is no UTF-8 name; rename it")
        if len(path.name.encode()) > most:
            raise DataError(
                f"{name[:60]}…: its name has {len(path.name.encode())} bytes, at most {most} fit behind the set's own; "
                "shorten the names of the set or its files"
            )
        if not path.exists():
            raise DataError(f"{name}: is gone, or a link to nothing; bring it again")
        if path.is_dir() and path.is_symlink():
            raise DataError(f"{name}: is a link to a folder, whose files stay elsewhere; copy the folder instead")
        if not (path.is_file() or path.is_dir()):
            raise DataError(f"{name}: is no regular file but a FIFO, device or socket; remove it")
        files += path.is_file()
    if not files:
        raise DataError("holds no file; bring the frames with their masks or points")


def _all_below(folder: Path) -> Iterator[Path]:
    """Yield all that is in `folder` and below, but what is hidden."""

    def fail(fault: OSError) -> None:
        raise DataError(f"{fault.filename}: cannot be read ({fault.strerror}); bring the set again") from fault

    for place, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place) / name for name in (*folders, *sorted(files)) if not name.startswith("."))
