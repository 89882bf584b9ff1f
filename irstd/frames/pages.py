"""Pages of a TIFF with several pictures, one at a time, each checked and decoded as a file of its own."""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from irstd.errors import DataError
from irstd.files.regular import open_regular
from irstd.frames.read import Frame, decode_frame

TIFF_SUFFIXES = (".tif", ".tiff")

_SUBFILE = 254
_SMALLER_COPY = 1  # bit of that tag
_MOST_PAGES = 1_000_000
_LEAST_BYTES, _MOST_BYTES = 16, (1 << 31) - 1  # OpenCV counts bytes in 31 bits


class _Mapped(mmap.mmap):
    """A file's content, of which only the parts that are looked at are in memory; changes stay there."""

    def startswith(self, sign: bytes) -> bool:
        """Tell whether the content starts with `sign`, as bytes do."""
        return bytes(self[: len(sign)]) == sign


@dataclass(frozen=True)
class _Layout:
    """How numbers are stored in a TIFF: formats of struct, and where the first directory's place stands."""

    count: str
    place: str
    entry_bytes: int
    first_at: int


@dataclass(frozen=True)
class Pages:
    """Pages of an opened TIFF.

    Attributes:
        where: its path; begins the message of every error.
        places: of the directories of its pages, smaller copies left out.
    """

    where: str
    places: tuple[int, ...]
    _content: _Mapped
    _layout: _Layout

    def __len__(self) -> int:
        return len(self.places)

    def read(self, index: int) -> Frame:
        """Decode a page.

        Raises:
            DataError: as `irstd.frames.decode_frame`.
        """
        place, layout, content = self.places[index], self._layout, self._content
        # A TIFF of this page alone: its directory is the first, and none follows it.
        next_at = _next_at(content, place, layout)
        before = content[next_at : next_at + struct.calcsize(layout.place)]
        struct.pack_into(layout.place, content, layout.first_at, place)
        struct.pack_into(layout.place, content, next_at, 0)
        try:
            return decode_frame(cast(bytes, content), f"{self.where}: page {index}")
        finally:
            content[next_at : next_at + len(before)] = before


def count_pages(path: Path) -> int:
    """Return how many pictures a TIFF holds; 1 for any other file, which reading it will judge."""
    try:
        with open_pages(path) as pages:
            return len(pages)
    except DataError:
        return 1


@contextmanager
def open_pages(path: Path) -> Iterator[Pages]:
    """Open a TIFF; only what is read of it is in memory.

    Raises:
        DataError: it is missing, no regular file, no TIFF or too long, or its directories go round in a circle.
    """
    with open_regular(path) as stream:
        size = stream.seek(0, 2)
        if not _LEAST_BYTES <= size <= _MOST_BYTES:
            raise DataError(
                f"{path}: has {size} bytes; a TIFF with pages has {_LEAST_BYTES} to {_MOST_BYTES}, split it"
            )
        with _Mapped(stream.fileno(), 0, access=mmap.ACCESS_COPY) as content:
            layout = _layout(content)
            if layout is None:
                raise DataError(f"{path}: is no TIFF by its content; give it the suffix of what it is")
            yield Pages(str(path), tuple(_places(content, layout, path)), content, layout)


def _layout(content: _Mapped) -> _Layout | None:
    order = {b"II": "<", b"MM": ">"}.get(content[:2])
    if order is None:
        return None
    (version,) = struct.unpack_from(order + "H", content, 2)
    if version == 42:
        return _Layout(order + "H", order + "I", 12, 4)
    return _Layout(order + "Q", order + "Q", 20, 8) if version == 43 else None


def _places(content: _Mapped, layout: _Layout, path: Path) -> Iterator[int]:
    """Yield the places of the directories of full pictures; those up to where the file is cut short."""
    seen = set[int]()
    try:
        (place,) = struct.unpack_from(layout.place, content, layout.first_at)
        while place:
            if place in seen or len(seen) >= _MOST_PAGES:
                raise DataError(
                    f"{path}: its pages go round in a circle, or are more than {_MOST_PAGES}; store it anew"
                )
            seen.add(place)
            next_at = _next_at(content, place, layout)
            (following,) = struct.unpack_from(layout.place, content, next_at)
            if not _is_smaller_copy(content, place, layout):
                yield place
            place = following
    except (struct.error, OverflowError):
        return


def _next_at(content: _Mapped, place: int, layout: _Layout) -> int:
    (entries,) = struct.unpack_from(layout.count, content, place)
    return int(place + struct.calcsize(layout.count) + entries * layout.entry_bytes)


def _is_smaller_copy(content: _Mapped, place: int, layout: _Layout) -> bool:
    """Tell whether the first entry, which is that of the least tag, marks a smaller copy of another picture."""
    at = place + struct.calcsize(layout.count)
    order = layout.count[0]
    tag, kind = struct.unpack_from(order + "HH", content, at)
    if tag != _SUBFILE:
        return False
    value_at = at + layout.entry_bytes - struct.calcsize(layout.place)
    (value,) = struct.unpack_from(order + ("H" if kind == 3 else "I"), content, value_at)
    return bool(value & _SMALLER_COPY)
