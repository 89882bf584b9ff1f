"""Frames named by files, folders and patterns, and a name for each."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from irstd.errors import DataError
from irstd.frames import IMAGE_SUFFIXES
from irstd.inference.results import are_results

_WILD = "*?["


class FrameFile(NamedTuple):
    """A frame on disk.

    Attributes:
        name: its name in tables, with `/` between parts.
        path: its place.
    """

    name: str
    path: Path


@dataclass(frozen=True)
class _Given:
    """Frames of one given path, and the folder that their names are relative to."""

    base: Path
    frames: list[Path]


def find_frames(paths: Iterable[str | Path], out: Path | None = None) -> list[FrameFile]:
    """Find the frames of `paths`, each once: in the order of `paths`, sorted within each.

    A folder means every image below it, through links, hidden ones left out; a link back to a folder being searched is
    not followed. A pattern (`*`, `?`, `[…]`, and `**` for any folders) means the images among its matches and below
    matching folders; a path that exists is not a pattern.

    A frame's name is its path relative to the given folder; for a pattern, to the part before the first wildcard; for a
    file, to its own folder. If two frames would have one name, all names are relative to the nearest common folder.

    Args:
        paths: files, folders and patterns.
        out: folder of the results. Pictures that an earlier run left, there or elsewhere, are not frames unless given
            by their own name.

    Raises:
        DataError: a path does not exist, a folder holds no image, a file is none, a pattern matches none, a folder
            cannot be read, or no path was given.
    """
    found: dict[Path, tuple[Path, Path]] = {}
    for path in paths:
        given = _given(os.fspath(path), out)
        for frame in given.frames:
            found.setdefault(_place(frame), (given.base, frame))
    if not found:
        raise DataError("no frames: give at least one image, folder or pattern")
    names = _names({frame: base for frame, (base, _) in found.items()})
    return [FrameFile(name, path) for name, (_, path) in zip(names, found.values(), strict=True)]


def is_image_name(path: Path) -> bool:
    """Tell whether a file is an image by its suffix, in capitals or not."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def _given(text: str, out: Path | None) -> _Given:
    path = Path(text)
    if text and path.is_dir():
        frames = sorted(_images_below(path, out), key=lambda frame: frame.relative_to(path).as_posix())
        if not frames:
            raise DataError(f"{text}: no image in this folder or below; looked for {_suffixes()}")
        return _Given(path, frames)
    if text and (path.exists() or path.is_symlink()):
        if not is_image_name(path):
            raise DataError(f"{text}: is no image by its name; frames are {_suffixes()}")
        return _Given(path.parent, [path])
    if any(sign in text for sign in _WILD):
        return _pattern(path, out)
    raise DataError(f"{text or repr(text)}: no such file or folder; check the path")


def _pattern(pattern: Path, out: Path | None) -> _Given:
    fixed = next(index for index, part in enumerate(pattern.parts) if any(sign in part for sign in _WILD))
    base = Path(*pattern.parts[:fixed])
    matches = list(_matches(base, pattern.parts[fixed:], out, ())) if base.is_dir() else []
    frames: dict[Path, Path] = {}
    for match in matches:
        above = tuple(os.path.realpath(folder) for folder in match.parents)
        for frame in _images_below(match, out, above) if match.is_dir() else [match]:
            if is_image_name(frame):
                frames[_place(frame)] = frame
    if not frames:
        fault = f"none of its {len(matches)} matches is an image" if matches else "nothing matches this pattern"
        raise DataError(f"{pattern}: {fault}; looked for {_suffixes()}")
    return _Given(base, [frames[place] for place in sorted(frames)])


def _matches(folder: Path, parts: tuple[str, ...], out: Path | None, above: tuple[str, ...]) -> Iterator[Path]:
    """Yield the paths below `folder` that match the pattern's `parts`; some more than once."""
    part, rest = parts[0], parts[1:]
    if part in (".", ".."):
        yield from _matches(folder / part, rest, out, above)
        return
    if part == "**" and rest:
        yield from _matches(folder, rest, out, above)
    above = (*above, os.path.realpath(folder))
    for entry in _entries(folder, hidden=part.startswith(".")):
        is_folder = entry.is_dir()
        if not (part == "**" or fnmatchcase(entry.name, part)):
            continue
        if is_folder and (os.path.realpath(entry) in above or (part != entry.name and are_results(entry, out))):
            continue
        if part == "**" and is_folder:
            yield from _matches(entry, parts, out, above)
        elif not rest:
            yield entry
        elif is_folder:
            yield from _matches(entry, rest, out, above)


def _images_below(folder: Path, out: Path | None, above: tuple[str, ...] = ()) -> Iterator[Path]:
    here = os.path.realpath(folder)
    for entry in _entries(folder):
        if entry.is_dir():
            if os.path.realpath(entry) not in (*above, here) and not are_results(entry, out):
                yield from _images_below(entry, out, (*above, here))
        elif is_image_name(entry):  # a broken link, a FIFO or a device is named when it is read
            yield entry


def _entries(folder: Path, *, hidden: bool = False) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as fault:
        raise DataError(f"{folder}: cannot be read ({fault.strerror}); ask for leave to read it") from fault
    return [entry for entry in entries if hidden or not entry.name.startswith(".")]


def _names(bases: dict[Path, Path]) -> list[str]:
    """Name the frames at these absolute paths, by the folders they were given with."""
    names = [Path(os.path.relpath(frame, _place(base))) for frame, base in bases.items()]
    if len(set(names)) < len(names) or any(".." in name.parts for name in names):
        common = os.path.commonpath([frame.parent for frame in bases])
        names = [Path(os.path.relpath(frame, common)) for frame in bases]
    return [name.as_posix() for name in names]


def _place(path: Path) -> Path:
    """Return the absolute path without `..`; links stay, since names follow them."""
    return Path(os.path.normpath(path.absolute()))


def _suffixes() -> str:
    return ", ".join(IMAGE_SUFFIXES)
