"""Responses from files: images of 8 or 16 bit, TIFFs of floats, and arrays."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError, ScoreError
from irstd.files import read_bytes
from irstd.files.reading import read_array
from irstd.frames import read_image

_TIFF = (".tif", ".tiff")
RESPONSE_SUFFIXES = (".png", *_TIFF, ".npy")

_FULL = {np.dtype(np.bool_): 1, np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def find_responses(folder: Path) -> dict[str, Path]:
    """The response files in `folder` by their file names, sorted; other files are not looked at.

    Raises:
        ScoreError: no such folder, or no response in it.
    """
    if not folder.is_dir():
        raise ScoreError(f"{folder}: no such folder; give the folder of the responses, one file a frame")
    files = {path.name: path for path in sorted(folder.glob("[!.]*")) if path.suffix.lower() in RESPONSE_SUFFIXES}
    if not files:
        raise ScoreError(f"{folder}: holds no responses; looked for {', '.join(RESPONSE_SUFFIXES)}")
    return files


def read_response(path: Path, size: tuple[int, ...]) -> NDArray[np.float32]:
    """The response in `path`, float32 (H, W) in [0, 1].

    8-bit levels count 255ths, 16-bit ones 65535ths; floats are taken as they are. Three equal channels are one.

    Args:
        path: an image of 8 or 16 bit, a TIFF of float, or a .npy array of float, uint8, uint16 or bool.
        size: (H, W) of the truth.

    Raises:
        DataError: the file is missing, unreadable, or an image of another depth.
        ScoreError: another size, unequal channels, NaN, or values outside [0, 1].
    """
    levels = _single(_stored(path), path)
    if levels.shape != size:
        raise ScoreError(
            f"{path}: is {_pixels(levels.shape)}, its truth {_pixels(size)}; bring it to the frame's native size"
        )
    if levels.dtype in _FULL:
        return np.asarray(levels.astype(np.float32) / np.float32(_FULL[levels.dtype]), dtype=np.float32)
    if levels.dtype.kind != "f":
        raise ScoreError(f"{path}: holds {levels.dtype}; needed are floats in [0, 1], uint8, uint16 or bool")
    return _checked(levels, path)


def _stored(path: Path) -> NDArray[Any]:
    """Return the content of the file, of any type."""
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return read_array(path)
    floats = _floats(path) if suffix in _TIFF else None
    return read_image(path) if floats is None else floats


def _floats(path: Path) -> NDArray[Any] | None:
    """The floats in a TIFF, which are no frame and so nothing for `read_image`; None where it holds something else."""
    try:
        image: Any = cv2.imdecode(np.frombuffer(read_bytes(path), np.uint8), cv2.IMREAD_UNCHANGED)
    except (DataError, cv2.error):  # read_image says what is wrong with it
        return None
    return image if image is not None and image.dtype.kind == "f" else None


def _single(stored: NDArray[Any], path: Path) -> NDArray[Any]:
    """(H, W) of an array that may have axes of length 1 round it, or channels that are all the same."""
    levels = stored
    while levels.ndim > 2 and levels.shape[0] == 1:
        levels = levels[0]
    if levels.ndim == 3 and levels.shape[2] in (1, 3):
        if (levels != levels[..., :1]).any():
            raise ScoreError(f"{path}: its three channels differ; a response has one value a pixel, store one channel")
        levels = levels[..., 0]
    if levels.ndim != 2:
        raise ScoreError(f"{path}: has shape {stored.shape}; a response is (H, W), one value a pixel")
    return levels


def _checked(levels: NDArray[Any], path: Path) -> NDArray[np.float32]:
    values = np.asarray(levels, dtype=np.float32)
    if np.isnan(values).any():
        raise ScoreError(f"{path}: holds {int(np.isnan(values).sum())} NaN; every pixel needs a number")
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if low < 0 or high > 1:
        raise ScoreError(f"{path}: reaches from {low:.6g} to {high:.6g}; a response lies in [0, 1], clip or rescale it")
    return values


def _pixels(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}×{shape[0]} px"
