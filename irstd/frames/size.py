"""The size of a picture, from the header of its file: what decoding it would take is known before it is decoded."""

import re
import struct

_BLANK = rb"(?:\s|#[^\n]*\n)+"
_PNM = re.compile(rb"P[1-6]" + _BLANK + rb"(\d{1,9})" + _BLANK + rb"(\d{1,9})(?!\d)")
_NO_FRAME = (0xC4, 0xC8, 0xCC)  # markers of JPEG among those of frames
_WIDTH, _HEIGHT = 256, 257  # tags of TIFF
_WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}  # its types of whole numbers


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) in px that a PNG, TIFF, JPEG, BMP or PNM file says it has; None for any other content."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack_from(">II", data, 16) if data[12:16] == b"IHDR" else None
        if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
            return _of_tiff(data)
        if data.startswith(b"\xff\xd8"):
            return _of_jpeg(data)
        if data.startswith(b"BM"):
            is_old = struct.unpack_from("<I", data, 14) == (12,)
            width, height = struct.unpack_from("<HH" if is_old else "<ii", data, 18)
            return abs(width), abs(height)
    except struct.error:  # cut short
        return None
    found = _PNM.match(data[: 1 << 16])
    return (int(found[1]), int(found[2])) if found else None


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while data[at] == 0xFF if at < len(data) else False:
        marker = data[at + 1] if at + 1 < len(data) else 0
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        # A fill byte, a marker without content, or a segment.
        at += 1 if marker == 0xFF else 2 if 0xD0 <= marker <= 0xD8 else 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _of_tiff(data: bytes) -> tuple[int, int] | None:
    """Return the size of the first picture; of a tag that is there twice the larger value, whichever is decoded."""
    order, is_big = "<" if data.startswith(b"II") else ">", b"+" in data[2:4]
    (at,) = struct.unpack_from(order + ("Q" if is_big else "I"), data, 8 if is_big else 4)
    if at >= len(data):
        return None
    (count,) = struct.unpack_from(order + ("Q" if is_big else "H"), data, at)
    at, step, value = (at + 8, 20, 12) if is_big else (at + 2, 12, 8)
    sides = {_WIDTH: 0, _HEIGHT: 0}
    for entry in range(at, min(at + count * step, len(data) - step + 1), step):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in sides and kind in _WHOLE:
            sides[tag] = max(sides[tag], struct.unpack_from(order + _WHOLE[kind], data, entry + value)[0])
    return (sides[_WIDTH], sides[_HEIGHT]) if all(sides.values()) else None
