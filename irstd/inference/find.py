"""Frames and videos named by files, folders, patterns and addresses, and a name for each."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from irstd.errors import DataError
from irstd.frames import IMAGE_SUFFIXES
from irstd.frames.video import VIDEO_SUFFIXES, is_stream
from irstd.inference.results import TABLE, are_results

_WILD = "*?["


class FrameFile(NamedTuple):
    """A frame, or a file of several frames, on disk.

    Attributes:
        name: its name in tables, with `/` between parts.
        path: its place.
    """

    name: str
    path: Path


class Stream(NamedTuple):
    """A stream of frames from the network.

    Attributes:
        name: its name in tables: host and path of its address.
        address: where it comes from; may hold a login.
    """

    name: str
    address: str


@dataclass(frozen=True)
class Found:
    """Files and streams to be searched.

    Attributes:
        sources: each once, in the order they were given, sorted within each; streams last.
        skipped: files of given folders and patterns that are neither images nor videos by their names.
    """

    sources: tuple[FrameFile | Stream, ...]
    skipped: tuple[Path, ...]


@dataclass(frozen=True)
class _Given:
    """Files of one given path, and the folder that their names are relative to."""

    base: Path
    files: list[Path]
    skipped: list[Path] = field(default_factory=list)


def find_sources(paths: Iterable[str | Path], out: Path | None = None) -> Found:
    """Find images, videos and streams: as `find_frames`, with videos beside images, and addresses.

    Raises:
        DataError: as `find_frames`.
    """
    given = [os.fspath(path) for path in paths]
    files, skipped = _find([text for text in given if not is_stream(text)], out, (*IMAGE_SUFFIXES, *VIDEO_SUFFIXES))
    streams = [Stream(_stream_name(text), text) for text in dict.fromkeys(given) if is_stream(text)]
    if not files and not streams:
        raise DataError("no frames: give at least one image, video, folder, pattern or address of a stream")
    names = [stream.name for stream in streams]
    if len({*names, *(file.name for file in files)}) < len(names) + len(files):
        streams = [Stream(f"stream-{number}/{each.name}", each.address) for number, each in enumerate(streams, 1)]
    return Found((*files, *streams), tuple(skipped))


def find_frames(paths: Iterable[str | Path], out: Path | None = None) -> list[FrameFile]:
    """Find the images of `paths`, each once: in the order of `paths`, sorted within each.

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
    frames, _ = _find([os.fspath(path) for path in paths], out, IMAGE_SUFFIXES)
    if not frames:
        raise DataError("no frames: give at least one image, folder or pattern")
    return frames


def _find(texts: list[str], out: Path | None, suffixes: tuple[str, ...]) -> tuple[list[FrameFile], list[Path]]:
    found: dict[Path, tuple[Path, Path]] = {}
    skipped: dict[Path, Path] = {}
    for text in texts:
        given = _given(text, out, suffixes)
        for file in given.files:
            found.setdefault(_place(file), (given.base, file))
        for file in given.skipped:
            skipped.setdefault(_place(file), file)
    names = _names({file: base for file, (base, _) in found.items()}) if found else []
    return [FrameFile(name, path) for name, (_, path) in zip(names, found.values(), strict=True)], [*skipped.values()]


def _given(text: str, out: Path | None, suffixes: tuple[str, ...]) -> _Given:
    path = Path(text)
    if text and path.is_dir():
        files, skipped = _parted(_files_below(path, out), suffixes)
        if not files:
            raise DataError(f"{text}: no {_kind(suffixes)} in this folder or below; looked for {', '.join(suffixes)}")
        return _Given(path, sorted(files, key=lambda file: file.relative_to(path).as_posix()), skipped)
    if text and (path.exists() or path.is_symlink()):
        if not _is_named(path, suffixes):
            raise DataError(f"{text}: is no {_kind(suffixes)} by its name; frames are {', '.join(suffixes)}")
        return _Given(path.parent, [path])
    if any(sign in text for sign in _WILD):
        return _pattern(path, out, suffixes)
    raise DataError(f"{text or repr(text)}: no such file or folder; check the path")


def _pattern(pattern: Path, out: Path | None, suffixes: tuple[str, ...]) -> _Given:
    fixed = next(index for index, part in enumerate(pattern.parts) if any(sign in part for sign in _WILD))
    base = Path(*pattern.parts[:fixed])
    matches = list(_matches(base, pattern.parts[fixed:], out, ())) if base.is_dir() else []
    found: dict[Path, Path] = {}
    for match in matches:
        above = tuple(os.path.realpath(folder) for folder in match.parents)
        for file in _files_below(match, out, above) if match.is_dir() else [match]:
            found[_place(file)] = file
    files, skipped = _parted((found[place] for place in sorted(found)), suffixes)
    if not files:
        kind = _kind(suffixes)
        fault = f"none of its {len(matches)} matches is an {kind}" if matches else "nothing matches this pattern"
        raise DataError(f"{pattern}: {fault}; looked for {', '.join(suffixes)}")
    return _Given(base, files, skipped)


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


def _files_below(folder: Path, out: Path | None, above: tuple[str, ...] = ()) -> Iterator[Path]:
    here = os.path.realpath(folder)
    for entry in _entries(folder):
        if entry.is_dir():
            if os.path.realpath(entry) not in (*above, here) and not are_results(entry, out):
                yield from _files_below(entry, out, (*above, here))
        else:  # a broken link, a FIFO or a device is named when it is read
            yield entry


def _parted(files: Iterable[Path], suffixes: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    """Return the files that end so, and those that do not, but for tables of results."""
    kept, skipped = list[Path](), list[Path]()
    for file in files:
        if _is_named(file, suffixes):
            kept.append(file)
        elif file.name != TABLE:
            skipped.append(file)
    return kept, skipped


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


def _is_named(path: Path, suffixes: tuple[str, ...]) -> bool:
    return path.suffix.lower() in suffixes


def _kind(suffixes: tuple[str, ...]) -> str:
    return "image or video" if VIDEO_SUFFIXES[0] in suffixes else "image"


def _stream_name(address: str) -> str:
    """Return host and path of an address in signs that every file system takes; never a login or a query."""
    parts = urlsplit(address)
    host = parts.hostname or "stream"
    return "/".join(part for part in re.sub(r"[^\w./-]", "_", f"{host}{parts.path}").split("/") if part.strip("."))
