"""Sets leave the inbox: into what was taken, or into quarantine. What came after the audit does not go with them.

An accepted set first goes to a hidden folder of the inbox, at once and with all that is in it. There its content is
compared with what was audited, since a copying tool that waited for long may have gone on meanwhile. A set that changed
goes back into the inbox, and so does, with the next run, one whose run was killed before that was clear.
"""

import os
from contextlib import suppress
from itertools import count
from pathlib import Path

from irstd.curation.intake.waiting import InboxSet
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError, printable
from irstd.files import make_folder, put_folder, write_text

QUARANTINE, TAKEN = Path("data/quarantine"), Path("data/taken")
_LEAVING = ".leaving"
_LONGEST = 200  # bytes of a name to which others are added
_STAYS = "it cannot be moved out of the inbox"


def archive(waiting: InboxSet, digest: str) -> str | None:
    """Move an accepted set out of the inbox if it is what was audited; return a line if it stays.

    Args:
        waiting: the set.
        digest: `fingerprint` of what was audited.
    """
    held = _held(waiting.folder)
    if held is None:
        return f"{waiting.name} came in, but {_STAYS}; its content is known and does not come in twice"
    if _is(held, digest) and _moved(held, _free(TAKEN, waiting.folder.name)):
        _tidy(waiting.folder.parent)
        return None
    put_back(waiting.folder.parent)
    return f"{waiting.name} came in and is still in the inbox: what changed since its audit comes in next time"


def _held(folder: Path) -> Path | None:
    """Take a set out of sight and return where it is now; None if it cannot be moved.

    A link stays in the inbox: what it points to does not move with it, and a relative one would point elsewhere.
    """
    if folder.is_symlink():
        return folder
    held = folder.parent / _LEAVING / folder.name
    try:
        held.parent.mkdir(exist_ok=True)
        return folder.rename(held)
    except OSError:
        return None


def _is(folder: Path, digest: str) -> bool:
    try:
        return fingerprint(folder) == digest
    except DataError:
        return False


def quarantine(waiting: InboxSet, reason: str) -> str:
    """Move a set to quarantine, with the reason in a file beside it; return the line that says so.

    Raises:
        DataError: the reason cannot be written.
    """
    if not waiting.folder.exists():
        return f"{waiting.name} is no longer there"
    place = _free(QUARANTINE, waiting.folder.name)
    make_folder(QUARANTINE)
    note = place.with_name(f"{place.name}.reason.txt")
    lines = [printable(line) for line in reason.splitlines()]
    write_text(
        note,
        f"{waiting.name} did not come in:\n\n" + "\n".join(lines) + "\n\n"
        "Mend it and move it back into the inbox, as a folder of its own; or remove it, and this file.\n",
    )
    stays = "" if _moved(waiting.folder, place) else f"; {_STAYS}"
    return f"{waiting.name} did not come in: {lines[0]}{stays}; see {printable(str(note))}"


def left_half_way(inbox: Path) -> list[Path]:
    """List the sets that a killed run left on their way out."""
    try:
        return sorted((inbox / _LEAVING).iterdir())
    except OSError:
        return []


def put_back(inbox: Path) -> None:
    """Put these sets back into the inbox, under a number if others came by their names. They wait until they settle."""
    for held in left_half_way(inbox):
        with suppress(OSError):
            held.rename(_free(inbox, held.name))
    _tidy(inbox)


def _tidy(inbox: Path) -> None:
    with suppress(OSError):  # there is none, or a set in it that could not be moved
        (inbox / _LEAVING).rmdir()


def _free(folder: Path, name: str) -> Path:
    """Return a free place below `folder` by a name, cut if it is very long and numbered if it is taken."""
    short = os.fsdecode(os.fsencode(name)[:_LONGEST])
    places = (folder / (f"{short}-{number}" if number > 1 else short) for number in count(1))
    return next(place for place in places if not (place.exists() or place.is_symlink()))


def _moved(folder: Path, place: Path) -> bool:
    """Move a folder to `place`; tell whether it is there whole."""
    try:
        put_folder(folder, place)
    except DataError:
        return False
    return not folder.exists()
