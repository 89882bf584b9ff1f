"""Facts of an image file that its header tells before, or that are lost when, it is decoded: size, turns, palettes.

Only a few numbers are read, each within the file's bytes; whether the file is sound is for the decoder to say.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_SIGNATURES: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
    **{f"P{number}".encode(): "PNM" for number in range(1, 7)},
    b"GIF8": "GIF",
    b"RIFF": "WebP",
}
READ = ("PNG", "TIFF", "BMP", "JPEG", "PNM")
"""The kinds that frames may be, by their content; a file's suffix proves nothing."""

# Tags of a TIFF directory.
_SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION, _SAMPLES = 254, 256, 257, 259, 262, 274, 277
_WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}  # types of whole numbers
_LOSSY_TIFF = (6, 7, 33003, 33005, 34712, 34892, 50001, 50002)  # JPEG, JPEG 2000, lossy DNG, WebP, JPEG XL
_WHITE_IS_ZERO, _PALETTE = 0, 3
_MOST_DIRECTORIES, _MOST_TAGS = 64, 4096

_BLANK = rb"(?:\s|#[^\n]*\n)+"
_PNM = re.compile(rb"P[1-6]" + _BLANK + rb"(\d{1,9})" + _BLANK + rb"(\d{1,9})(?!\d)")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers before a picture's size

Directory = Mapping[int, int]
"""First values of a TIFF directory's whole numbers, by tag."""


@dataclass(frozen=True)
class Header:
    """Facts of an image file.

    Attributes:
        kind: one of `READ`, GIF or WebP; empty for any other content.
        size: (width, height) in px of the first picture; None if the header is damaged, and for GIF and WebP.
        pictures: more than one picture is in the file.
        turned: an orientation tag asks for the picture to be turned or mirrored.
        palette: levels are entries of a palette.
        odd_palette: entry 0 of the palette is not black, or none is anything else (PNG only).
        lossy: its levels are not exact.
        inverted: zero is white (TIFF only).
        samples: channels a pixel where the header says (TIFF only), else 0.
    """

    kind: str = ""
    size: tuple[int, int] | None = None
    pictures: bool = False
    turned: bool = False
    palette: bool = False
    odd_palette: bool = False
    lossy: bool = False
    inverted: bool = False
    samples: int = 0


def read_header(data: bytes) -> Header:
    """Read the header of the image file with the content `data`; a damaged one gives the facts up to the damage."""
    kind = next((kind for sign, kind in _SIGNATURES.items() if data.startswith(sign)), "")
    if kind == "PNG":
        return _png(data)
    if kind == "JPEG":
        return _jpeg(data)
    if kind == "TIFF":
        return _tiff(data)
    return Header(kind, size=_bmp_size(data) if kind == "BMP" else _pnm_size(data))


def _bmp_size(data: bytes) -> tuple[int, int] | None:
    is_old = data[14:18] == b"\x0c\0\0\0"
    form = "<HH" if is_old else "<ii"
    if len(data) < 18 + struct.calcsize(form):
        return None
    width, height = struct.unpack_from(form, data, 18)
    return abs(width), abs(height)


def _pnm_size(data: bytes) -> tuple[int, int] | None:
    found = _PNM.match(data[: 1 << 16])
    return (int(found[1]), int(found[2])) if found else None


def _png(data: bytes) -> Header:
    chunks = dict[bytes, bytes]()
    at = 8
    while at + 8 <= len(data) and b"IEND" not in chunks:
        length, name = struct.unpack_from(">I4s", data, at)
        if name != b"IDAT":
            chunks.setdefault(name, data[at + 8 : at + 8 + min(length, 1 << 16)])
        at += 12 + length
    frames = int.from_bytes(chunks.get(b"acTL", b"")[:4], "big")
    header, colours = chunks.get(b"IHDR", b""), chunks.get(b"PLTE", b"")
    size = struct.unpack_from(">II", header) if len(header) >= 8 else None
    odd = any(colours[:3]) or (len(colours) > 3 and not any(colours))
    turned = _orientation(chunks.get(b"eXIf", b"")) > 1
    palette = header[9:10] == b"\x03"
    return Header("PNG", size, pictures=frames > 1, turned=turned, palette=palette, odd_palette=palette and odd)


def _jpeg(data: bytes) -> Header:
    size, pictures, turned = None, False, False
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0xD9, 0xDA):
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        content = data[at + 4 : at + 2 + length]
        if data[at + 1] in _JPEG_FRAMES and len(content) >= 5:
            height, width = struct.unpack_from(">HH", content, 1)
            size = size or (width, height)
        # Further pictures, and the counts behind the false colours of a thermal camera's JPEG.
        pictures |= content.startswith((b"MPF\0", b"FLIR\0"))
        turned |= content.startswith(b"Exif\0\0") and _orientation(content[6:]) > 1
        at += 2 + max(length, 2)
    return Header("JPEG", size, pictures=pictures, turned=turned, lossy=True)


def _tiff(data: bytes) -> Header:
    first, *others = list(_directories(data)) or [{}]
    sides = first.get(_WIDTH, 0), first.get(_HEIGHT, 0)
    return Header(
        "TIFF",
        size=sides if all(sides) else None,
        pictures=any(not other.get(_SUBFILE, 0) & 1 for other in others),  # smaller copies are none
        turned=first.get(_ORIENTATION, 1) > 1,
        palette=first.get(_PHOTOMETRIC) == _PALETTE,
        lossy=first.get(_COMPRESSION, 1) in _LOSSY_TIFF,
        inverted=first.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        samples=first.get(_SAMPLES, 1),
    )


def _orientation(exif: bytes) -> int:
    return next(_directories(exif), {}).get(_ORIENTATION, 1)


def _directories(data: bytes) -> Iterator[Directory]:
    """Yield the directories of a TIFF, or of the EXIF block in another file, which has the same form."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2], "")
    big = data[2:4] in (b"+\0", b"\0+")
    count_form, offset_form, entry_bytes, value_at = ("Q", "Q", 20, 12) if big else ("H", "I", 12, 8)
    try:
        (at,) = struct.unpack_from(order + offset_form, data, 8 if big else 4) if order else (0,)
        for _ in range(_MOST_DIRECTORIES):
            if not at:
                return
            (count,) = struct.unpack_from(order + count_form, data, at)
            at += struct.calcsize(order + count_form)
            found = dict[int, int]()
            for entry in range(at, at + min(count, _MOST_TAGS) * entry_bytes, entry_bytes):
                tag, kind = struct.unpack_from(order + "HH", data, entry)
                if kind in _WHOLE:
                    (value,) = struct.unpack_from(order + _WHOLE[kind], data, entry + value_at)
                    found[tag] = max(value, found.get(tag, 0))  # of a tag twice, whichever is decoded
            yield found
            (at,) = struct.unpack_from(order + offset_form, data, at + count * entry_bytes)
    except (struct.error, OverflowError):  # cut short
        return
