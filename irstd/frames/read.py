"""Image files, read and written with OpenCV."""

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.files import read_bytes, write_bytes
from irstd.frames.header import READ, Header, read_header

Frame = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W) or (H, W, 3) in RGB order, as a sensor or a file gives it."""

MOST_PIXELS = 1 << 26
"""Most pixels of a picture that is decoded, as of 8192 × 8192 px: 400 MB in colour and 16 bit. Ours."""

IMAGE_SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".jpg", ".jpeg", ".pgm")


def read_image(path: str | Path) -> Frame:
    """The frame in `path`: (H, W) or (H, W, 3) in RGB order, 8 or 16 bit as stored; an opaque alpha is dropped.

    Raises:
        DataError: the file is missing, or as `decode_frame`.
    """
    return decode_frame(read_bytes(Path(path)), str(path))


def decode_frame(data: bytes, where: str) -> Frame:
    """The frame in the content of an image file; `where` begins the message of every error.

    Raises:
        DataError: it is no image, holds another depth than 8 or 16 bit, or more than its decoded pixels would tell.
    """
    header = read_header(data)
    image: Any = _decoded(data, header, where)
    if image.dtype not in (np.uint8, np.uint16):
        raise DataError(f"{where}: pixels are {image.dtype}; frames are 8- or 16-bit, convert it first")
    if image.ndim == 2:
        return cast(Frame, image)
    if header.palette and (image[..., :3] != image[..., :1]).any():
        raise DataError(f"{where}: its palette gives grey levels false colours; export the grey levels themselves")
    return cast(Frame, np.ascontiguousarray(image[..., 2::-1]))


def read_mask(path: str | Path) -> NDArray[np.bool_]:
    """The mask in `path`: bool (H, W), true wherever any channel is nonzero (alpha does not count).

    Raises:
        DataError: as `read_mask_levels`.
    """
    return read_soft_mask(path)[0]


def is_soft(levels: NDArray[np.generic]) -> bool:
    """Tell whether a mask (H, W) or (H, W, 3) has more levels than 0 and one other, as soft masks do."""
    return bool(((levels != 0) & (levels != levels.max(initial=0))).any())


def read_soft_mask(path: str | Path) -> tuple[NDArray[np.bool_], bool]:
    """Read a mask as `read_mask` does, and tell whether it `is_soft`.

    Raises:
        DataError: as `read_mask_levels`.
    """
    levels = read_mask_levels(path)
    return targets_in(levels), is_soft(levels)


def read_mask_levels(path: str | Path) -> NDArray[Any]:
    """The levels of the mask in `path`, (H, W) or (H, W, 3), of any type.

    Raises:
        DataError: the file is missing, is no image, is not lossless, or holds more than its decoded pixels would tell.
    """
    return decode_mask_levels(read_bytes(Path(path)), str(path))


def decode_mask_levels(data: bytes, where: str) -> NDArray[Any]:
    """The levels of the mask in the content of an image file; `where` begins the message of every error.

    Raises:
        DataError: as `read_mask_levels`.
    """
    header = read_header(data)
    if header.lossy:
        raise DataError(
            f"{where}: a mask in lossy {header.kind}, whose levels are not exact; "
            "make it anew as PNG, BMP or plain TIFF"
        )
    if header.odd_palette:
        raise DataError(
            f"{where}: a mask whose palette is not black at entry 0 alone, so that its background is unclear; "
            "store it as grey levels, 0 and 255"
        )
    levels = _decoded(data, header, where)
    return levels if levels.ndim == 2 else levels[..., :3]


def write_png(path: Path, image: Frame) -> None:
    """Write `image`, (H, W) or (H, W, 3) in RGB order, to `path`: complete or not at all.

    Raises:
        DataError: the folder cannot be written to.
    """
    write_bytes(path, encode_png(image, str(path)))


def encode_png(image: Frame, where: str) -> bytes:
    """Return `image`, (H, W) or (H, W, 3) in RGB order, as PNG; `where` begins the message of the error.

    Raises:
        DataError: it is of another shape or type.
    """
    stored: Any = image if image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])
    encoded, data = cv2.imencode(".png", stored)
    if not encoded:
        raise DataError(f"{where}: an array of {image.dtype} and shape {image.shape} cannot be stored as PNG")
    return bytes(data.tobytes())


def targets_in(levels: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return the target pixels, bool (H, W), of a mask as stored: those with any channel above 0."""
    return np.asarray((levels != 0) if levels.ndim == 2 else (levels != 0).any(axis=2), dtype=np.bool_)


def _decoded(data: bytes, header: Header, where: str) -> NDArray[Any]:
    """The pixels as stored, in OpenCV's order, of a file that holds nothing beside them and is not too large."""
    width, height = header.size or (0, 0)
    if width * height > MOST_PIXELS:
        raise DataError(f"{where}: is {width}×{height} px; at most {MOST_PIXELS >> 20} × 2²⁰ px are decoded, cut it up")
    fault = _beyond_pixels(header)
    if fault:
        raise DataError(f"{where}: {fault}")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if header.size else None
    except cv2.error:
        image = None
    if image is None:
        raise DataError(f"{where}: no image that OpenCV can read ({len(data)} bytes); replace or remove the file")
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[2] not in (3, 4):
        raise DataError(f"{where}: {image.shape[2]} channels; frames have one, three, or three and alpha")
    if image.ndim == 3 and image.shape[2] == 4 and (image[..., 3] != image[0, 0, 3]).any():
        raise DataError(
            f"{where}: its fourth channel has several levels, so it is more than an opaque alpha; "
            "store the channels that count, one or three"
        )
    if header.inverted and image.dtype != np.uint8:  # in 8 bit the decoder turns them over
        raise DataError(f"{where}: a {8 * image.dtype.itemsize}-bit TIFF whose zero is white; store it with zero black")
    return image


def _beyond_pixels(header: Header) -> str:
    """Return why a file cannot be read by its decoded pixels alone, and what to do; empty if it can."""
    if header.kind and header.kind not in READ:
        return f"is {header.kind} by its content; store it as one of {', '.join(READ)}"
    if header.pictures:
        return "holds more than one picture, of which the first alone would be read; split it into files"
    if header.turned:
        return "its orientation tag turns the picture; store it upright without the tag, and see that its labels fit"
    if header.samples == 2:
        return "two channels, of which the decoder drops one; store the one that counts"
    return ""
