"""Sets of frames that wait in an inbox: a folder each, complete once it no longer changes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from irstd.errors import DataError, printable


@dataclass(frozen=True)
class InboxSet:
    """A folder in the inbox.

    Attributes:
        folder: its folder.
        still: seconds since the last change in it; below 0 if the clock was set back.
    """

    folder: Path
    still: float

    @property
    def name(self) -> str:
        """Name of the folder as Prefect and the console can take it."""
        return printable(self.folder.name)


def look_into(inbox: Path) -> list[InboxSet]:
    """List the folders in `inbox`, sorted by name; none if it does not exist. Hidden folders and files are no sets.

    Raises:
        DataError: it cannot be read.
    """
    try:
        folders = sorted(path for path in inbox.iterdir() if path.is_dir() and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise DataError(f"{inbox}: cannot be read ({fault.strerror}); ask for leave to read it") from fault
    now = time.time()
    return [InboxSet(folder, now - _last_change(folder, now)) for folder in folders]


def _last_change(folder: Path, now: float) -> float:
    """When a file or folder below was written, renamed or put there last; `now` if one vanishes meanwhile.

    By ctime, since copying tools set mtime to that of the source.
    """
    try:
        times = [folder.stat().st_ctime]
        for place, folders, files in os.walk(folder):
            times += [os.lstat(Path(place) / name).st_ctime for name in (*folders, *files)]
    except OSError:
        return now
    return max(times)
