"""Frames of a request to the served model: base64 of a file, or levels.

Versions of the registry import this module by its name (irstd/serving/served.py travels with them): do not move it.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.frames import Frame, decode_frame
from irstd.frames.header import read_header

LEAST_SIDE, MOST_SIDE = 8, 8192
MOST_PIXELS, MOST_FRAMES, MOST_PIXELS_A_REQUEST = 1 << 24, 256, 1 << 25
_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,")
_FORMS = "base64 of a PNG or TIFF, whole numbers as (H, W) or (H, W, 3), or {image: either of them, bits: 8 or 16}"


def frames_of(items: object) -> list[Frame]:
    """Return the frames of a request, uint8 or uint16, (H, W) or (H, W, 3) in RGB order.

    Levels without `bits` are 8-bit if all are below 256, else 16-bit. No file is decoded before its size is known.

    Raises:
        DataError: there is no frame, there are too many frames or pixels, or one has the wrong form, rank, type or
            size; names the first.
    """
    if not isinstance(items, list | tuple) or not items:
        raise DataError(f"inputs must be a list of frames, each {_FORMS}; got {_kind(items)}")
    if len(items) > MOST_FRAMES:
        raise DataError(f"inputs: {len(items)} frames; send at most {MOST_FRAMES} a request")
    frames, left = list[Frame](), MOST_PIXELS_A_REQUEST
    for index, item in enumerate(items):
        where = f"frame {index}"
        content = content_of(item, where)
        check_content(content, where, left)
        frames.append(decode_frame(content, where) if isinstance(content, bytes) else content)
        left -= check_content(frames[-1], where, left)
    return frames


def content_of(item: object, where: str) -> bytes | Frame:
    """Return one item of a request: the content of a file, not looked into yet, or levels as a frame of any size.

    Raises:
        DataError: it has the wrong form, or its levels are no frame.
    """
    image, bits = (item.get("image"), item.get("bits")) if isinstance(item, Mapping) else (item, None)
    if bits not in (None, 8, 16):
        raise DataError(f"{where}: bits must be 8 or 16, got {bits!r}")
    if isinstance(image, str | bytes):
        return _bytes_of(image, where)
    if isinstance(image, list | tuple | np.ndarray):
        return _levels(image, bits, where)
    raise DataError(f"{where}: must be {_FORMS}; got {_kind(image)}")


def check_content(content: bytes | Frame, where: str, left: int) -> int:
    """Return the pixels of a frame or of a file, by its header, after checking that it may be searched.

    Args:
        content: as `content_of` returns it.
        where: begins the message of every error.
        left: px that the request may still have.

    Raises:
        DataError: it is no image, too small or too large, or has more than `left` px.
    """
    if isinstance(content, bytes):
        size = read_header(content).size
        if size is None:
            raise DataError(
                f"{where}: {len(content)} bytes that are no image that can be read; send a PNG or TIFF file"
            )
    else:
        size = content.shape[1], content.shape[0]
    _check_size(*size, where, left)
    return size[0] * size[1]


def _check_size(width: int, height: int, where: str, left: int) -> None:
    """Raise unless a frame of that size may be searched and `left` pixels of the request are left for it."""
    if not (min(height, width) >= LEAST_SIDE and max(height, width) <= MOST_SIDE and width * height <= MOST_PIXELS):
        raise DataError(
            f"{where}: is {width} × {height} px; sides must be {LEAST_SIDE} to {MOST_SIDE} px, at most {MOST_PIXELS} "
            "px in all"
        )
    if width * height > left:
        raise DataError(f"{where}: with it the request has more than {MOST_PIXELS_A_REQUEST} px; send fewer frames")


def _bytes_of(text: str | bytes, where: str) -> bytes:
    """Decode base64, plain or for URLs, with or without line ends and padding, or that of a data URL."""
    try:
        said = text if isinstance(text, str) else text.decode("ascii")
        plain = "".join(said[found.end() if (found := _DATA_URL.match(said)) else 0 :].split())
        plain = plain.translate({ord("-"): "+", ord("_"): "/"}).rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise DataError(f"{where}: is no base64 ({fault}); encode the bytes of a PNG or TIFF file") from fault


def _levels(values: list[Any] | tuple[Any, ...] | NDArray[Any], bits: int | None, where: str) -> Frame:
    try:
        levels = np.asarray(values)
    except ValueError as fault:
        raise DataError(f"{where}: rows differ in length; levels are (H, W) or (H, W, 3)") from fault
    if levels.ndim != 2 and not (levels.ndim == 3 and levels.shape[2] == 3):
        raise DataError(f"{where}: has shape {levels.shape}; levels are (H, W) or (H, W, 3)")
    if not levels.size:
        raise DataError(f"{where}: has shape {levels.shape} and holds no pixel")
    if levels.dtype.kind not in "iu":
        raise DataError(f"{where}: levels are {levels.dtype}; they must be whole numbers of 8 or 16 bit, not scaled")
    if bits is None:
        bits = 8 * levels.dtype.itemsize if levels.dtype in (np.uint8, np.uint16) else 8 if levels.max() < 256 else 16
    low, high = int(levels.min()), int(levels.max())
    if low < 0 or high >= 2**bits:
        raise DataError(f"{where}: levels go from {low} to {high}; {bits} bit hold 0 to {2**bits - 1}")
    return levels.astype(np.uint8) if bits == 8 else levels.astype(np.uint16)


def _kind(value: object) -> str:
    return "an empty list" if value in ([], ()) else "nothing" if value is None else type(value).__name__
