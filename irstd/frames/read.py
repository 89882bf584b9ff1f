"""Image files, read and written with OpenCV."""

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.files import read_bytes, write_bytes
from irstd.frames.size import picture_size

Frame = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W) or (H, W, 3) in RGB order, as a sensor or a file gives it."""

MOST_PIXELS = 1 << 26
"""Most pixels of a picture that is decoded, as of 8192 × 8192 px: 400 MB in colour and 16 bit. Ours."""

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".pgm")


def read_image(path: str | Path) -> Frame:
    """The frame in `path`: (H, W) or (H, W, 3) in RGB order, uint8 or uint16 as stored; alpha is dropped.

    Raises:
        DataError: the file is missing, is no image, or holds another depth than 8 or 16 bit.
    """
    image: Any = _decode(Path(path))
    if image.dtype not in (np.uint8, np.uint16):
        raise DataError(f"{path}: pixels are {image.dtype}; frames are 8- or 16-bit, convert it first")
    if image.ndim == 2:
        return cast(Frame, image)
    if image.shape[2] not in (3, 4):
        raise DataError(f"{path}: {image.shape[2]} channels; frames have one, three, or three and alpha")
    return cast(Frame, np.ascontiguousarray(image[..., 2::-1]))


def read_mask(path: str | Path) -> NDArray[np.bool_]:
    """The mask in `path`: bool (H, W), true wherever any channel is nonzero (alpha does not count).

    Raises:
        DataError: the file is missing or is no image.
    """
    return read_soft_mask(path)[0]


def is_soft(levels: NDArray[np.generic]) -> bool:
    """Tell whether a mask (H, W) or (H, W, 3) has more levels than 0 and one other, as soft masks do."""
    return bool(((levels != 0) & (levels != levels.max(initial=0))).any())


def read_soft_mask(path: str | Path) -> tuple[NDArray[np.bool_], bool]:
    """Read a mask as `read_mask` does, and tell whether it `is_soft`.

    Raises:
        DataError: the file is missing or is no image.
    """
    levels = _decode(Path(path))
    colours = levels if levels.ndim == 2 else levels[..., :3]
    return _nonzero(colours), is_soft(colours)


def write_png(path: Path, image: Frame) -> None:
    """Write `image`, (H, W) or (H, W, 3) in RGB order, to `path`: complete or not at all.

    Raises:
        DataError: the folder cannot be written to.
    """
    stored: Any = image if image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])
    encoded, data = cv2.imencode(".png", stored)
    if not encoded:
        raise DataError(f"{path}: an array of {image.dtype} and shape {image.shape} cannot be stored as PNG")
    write_bytes(path, data.tobytes())


def _nonzero(levels: NDArray[np.generic]) -> NDArray[np.bool_]:
    return np.asarray((levels != 0) if levels.ndim == 2 else (levels != 0).any(axis=2), dtype=np.bool_)


def _decode(path: Path) -> NDArray[np.generic]:
    data = read_bytes(path)
    width, height = picture_size(data) or (0, 0)
    if width * height > MOST_PIXELS:
        raise DataError(f"{path}: is {width}×{height} px; at most {MOST_PIXELS >> 20} × 2²⁰ px are decoded, cut it up")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    except cv2.error:
        image = None
    if image is None:
        raise DataError(f"{path}: no image that OpenCV can read ({len(data)} bytes); replace or remove the file")
    return np.asarray(image)
