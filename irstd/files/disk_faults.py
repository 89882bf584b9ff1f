"""Errors of full and read-only disks, recognised in any tool's words, as one line."""

import errno
import re
from collections.abc import Iterator

_ELSEWHERE = "choose a folder you may write to"
_ADVICE = {
    errno.ENOSPC: "make room on that disk and run it again",
    errno.EDQUOT: "make room within your quota and run it again",
    errno.EROFS: f"mount it for writing or {_ELSEWHERE}",
}
# A tool's own words for them: no error number comes with the messages of SQLite, DVC and servers.
_WORDS = (
    ("No space left on device|database or disk is full", errno.ENOSPC, "No space left on device"),
    ("Disk quota exceeded", errno.EDQUOT, "Disk quota exceeded"),
    ("Read-only file system|readonly database|unable to open database file", errno.EROFS, "Read-only file system"),
)
_PATH = re.compile(r"""['"]((?:/|\w[\w.-]*/)[^'"]+)['"]""")


def unwritten(place: object, fault: OSError, done: str = "written") -> str:
    """Return the line for a file or folder that could not be written (or `done`): where, what, what to do."""
    return f"{place}: cannot be {done} ({fault.strerror or fault}); {_ADVICE.get(fault.errno or 0, _ELSEWHERE)}"


def is_unwritable(fault: BaseException) -> bool:
    """Tell whether a full or read-only disk caused the error, by error numbers alone; texts may hold a user's names."""
    return any(isinstance(each, OSError) and each.errno in _ADVICE for each in _chain(fault))


def storage_line(fault: BaseException, place: str) -> str | None:
    """Return that line if a full or read-only disk caused the error, else None.

    `place` is used if the error names no path, as SQLite's do.
    """
    chain = list(_chain(fault))
    for each in chain:
        if isinstance(each, OSError) and each.errno in _ADVICE:
            return unwritten(each.filename2 or each.filename or place, each)  # of a copy, where to
    return next(filter(None, (storage_words(str(each), place) for each in chain)), None)


def storage_words(text: str, place: str) -> str | None:
    """Return that line for a tool's message of any number of lines, or None."""
    for line in text.splitlines():
        for words, number, reason in _WORDS:
            if re.search(words, line):
                named = _PATH.findall(line)  # of a copy that failed the last is where to
                return f"{named[-1] if named else place}: cannot be written ({reason}); {_ADVICE[number]}"
    return None


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes; Ray keeps the worker's as `cause`."""
    seen, waiting = set[int](), [fault]
    while waiting:
        each = waiting.pop(0)
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            came_of = (getattr(each, "cause", None), each.__cause__, each.__context__)
            waiting += [cause for cause in came_of if isinstance(cause, BaseException)]
