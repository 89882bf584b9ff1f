"""The frame that a line of a list, a row of a table or a file's name means."""

import re
from collections.abc import Mapping

from irstd.frames import IMAGE_SUFFIXES

_SUFFIXES = (*IMAGE_SUFFIXES, ".npy")
_MARK = re.compile(r"[_-](pixels0|mask|gt|label)$", re.IGNORECASE)


def without_mark(stem: str) -> str:
    """Return the name of a mask's frame: the mask's own without an ending such as _pixels0, _mask or _gt."""
    return _MARK.sub("", stem)


def find_frame(given: str, known: Mapping[str, str]) -> str | None:
    """Return the frame that `given` means, or None: a name with or without suffix, mark of a mask and folders.

    A frame in a subfolder is called SEQ_FRAME, so SEQ/FRAME.png means it. The most literal reading counts.
    """
    return next((known[name] for name in _readings(given) if name in known), None)


def _readings(given: str) -> list[str]:
    parts = given.replace("\\", "/").split("/")
    paths = [given, *("_".join(parts[start:]) for start in range(len(parts)))]
    names = [name for path in paths for name in (path, _without_suffix(path))]
    return [*names, *map(without_mark, names)]


def _without_suffix(name: str) -> str:
    return next((name[: -len(end)] for end in _SUFFIXES if name.lower().endswith(end)), name)
