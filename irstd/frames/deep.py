"""Frames over 8 bit whose noise the stretch to 8 bit would lose: background removed, noise scaled. Ours.

A sky of 2000 to 14000 counts gets about 100 counts a level of the stretch; noise of 3 counts, and a target at 20 times
the noise, lie below one level. Where the noise keeps half a level nothing is lost, and the stretch stays.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames.levels import stretch_gain, to_8bit
from irstd.frames.read import Frame

Counts = NDArray[np.float64]

_LEAST_LEVELS = 0.5  # of noise in the stretch; with less, rounding (0.29) costs more than a seventh of a target's SNR
_CALM_PERCENTILE = 10.0  # of the local noise: faint targets show in the calm part of a frame
_ROUNDING = 12.0**-0.5  # noise of whole counts, for frames without any other

# The background is a polynomial in x and y, fitted to the window round each pixel (Savitzky and Golay 1964).
_GROUND_PX, _ORDER = 31, 5
# It swings round pixels far off it, so those beyond so many noise deviations are left out of up to three refits.
_FAR, _REFITS = 10.0, 3
_NOISE_PX = 31  # side of the square whose mean is taken, twice
# Standard deviation of a normal distribution in geometric means of the absolute deviation: exp((γ + ln 2) / 2).
_NORMAL = float(np.exp((np.euler_gamma + np.log(2.0)) / 2.0))

# Levels like those of SIRST-V1 and NUDT-SIRST, whose mean is 0.42 and whose noise is some levels of 255.
_MIDDLE, _LEVELS = 102.0, 4.0
_LINEAR = 16.0  # noise deviations; above it levels grow like a logarithm, to white at 88


# Large frames go through in strips of so many rows, in little memory. No level depends on a row beyond the reach: each
# of four fits reaches 15 rows by the background, 30 more by the noise.
_ROWS, _REACH = 768, 192
_BLOCK = 16  # rows of the background that one product of matrices gives, the fastest of 16 to 96


def is_deep(frame: Frame) -> bool:
    """Tell whether 8 bit would lose the noise of `frame`, and faint targets with it; never for 8-bit frames. Ours."""
    return frame.dtype != np.uint8 and is_lost(local_noise(above_background(frame)), frame)


def map_deep(frame: Frame) -> NDArray[np.uint8]:
    """`frame` in 8 bit, same shape: deep frames as height above the background in units of the noise, others stretched.

    Background and noise are local. The background has level 102, a noise deviation 4 levels; a pixel 20 deviations high
    has 169, and what is far brighter saturates gently. Channels share one scale. Ours; reasons in docs/methods.md.
    """
    if frame.dtype == np.uint8:
        return to_8bit(frame)
    levels = np.empty(frame.shape, dtype=np.uint8)
    whole = len(frame) <= _ROWS + 2 * _REACH
    noise = np.empty(frame.shape[:2], dtype=np.float64 if whole else np.float32)
    rows = len(frame) if whole else _ROWS
    for top in range(0, len(frame), rows):
        first, end = max(top - _REACH, 0), min(top + rows, len(frame))
        above = above_background(frame[first : end + _REACH])
        local = local_noise(above)[top - first : end - first]
        levels[top:end] = levels_above(above[top - first : end - first], local)
        noise[top:end] = local
    return levels if is_lost(noise, frame) else to_8bit(frame)


def levels_above(height: Counts, noise: Counts) -> NDArray[np.uint8]:
    """Return the levels of counts above the background (H, W) or (H, W, 3) with the local noise (H, W)."""
    levels = height / (noise if height.ndim == 2 else noise[..., None])
    levels /= _LINEAR
    np.arcsinh(levels, out=levels)
    levels *= _LEVELS * _LINEAR
    levels += _MIDDLE
    return np.rint(np.clip(levels, 0.0, 255.0, out=levels), out=levels).astype(np.uint8)


def without_background(frame: Frame) -> Frame | Counts:
    """Return deep frames as counts above their local background, float64 of the same shape; others as they are."""
    if frame.dtype == np.uint8:
        return frame
    height = above_background(frame)
    return height if is_lost(local_noise(height), frame) else frame


def above_background(frame: Frame) -> Counts:
    """Counts of `frame` above its local background, float64 of the same shape."""
    # In float64, so that processors that round differently still give the same levels.
    counts = frame.astype(np.float64)
    ground = _polynomial(counts)
    for _ in range(_REFITS):
        height = counts - ground
        noise = local_noise(height)
        far = np.abs(height) > _FAR * (noise if frame.ndim == 2 else noise[..., None])
        if not far.any():
            break
        ground = _polynomial(np.where(far, ground, counts))
    return counts - ground


def _polynomial(counts: Counts) -> Counts:
    """Return the value at each pixel of the polynomial fitted round it."""
    if counts.ndim == 3:
        return np.stack([_polynomial(channel) for channel in np.moveaxis(counts, 2, 0)], axis=2)
    return _along_columns(_along_columns(counts).T).T


def _along_columns(counts: Counts) -> Counts:
    """Fit each column (SciPy's `savgol_filter` in mode `interp`, which takes four times as long)."""
    count = len(counts)
    middle, edges = _fits(min(_GROUND_PX, (count - 1) // 2 * 2 + 1))
    half, window = len(edges) // 2, len(edges)
    smooth = np.empty_like(counts)
    # At the border the polynomial of the outermost window goes on, so that slopes there are no edges.
    smooth[:half], smooth[count - half :] = edges[:half] @ counts[:window], edges[half + 1 :] @ counts[-window:]
    for start in range(half, count - half, _BLOCK):
        rows = min(_BLOCK, count - half - start)
        smooth[start : start + rows] = middle[:rows, : rows + 2 * half] @ counts[start - half : start + rows + half]
    return smooth


@cache
def _fits(window: int) -> tuple[Counts, Counts]:
    """Return the weights for `_BLOCK` pixels of the windows round them, and for each pixel of a window of all in it."""
    order, half = min(_ORDER, window // 4), window // 2
    powers = np.arange(half, -half - 1, -1.0) ** np.arange(order + 1)[:, None]
    # The same steps as in SciPy's savgol_coeffs, for the same digits.
    weights = np.linalg.lstsq(powers, np.eye(order + 1)[0], rcond=None)[0][::-1]
    middle = np.zeros((_BLOCK, _BLOCK + 2 * half))
    for row in range(_BLOCK):
        middle[row, row : row + window] = weights
    scaled = np.vander(np.linspace(-1.0, 1.0, window), order + 1)
    return middle, scaled @ np.linalg.pinv(scaled)


def local_noise(height: Counts) -> Counts:
    """Return the standard deviation round each pixel in counts, (H, W).

    From the geometric mean, which targets and edges move little.
    """
    deviation = np.abs(height) if height.ndim == 2 else np.abs(height).mean(axis=2)
    mean = np.log(np.maximum(deviation, _ROUNDING / 2, out=deviation), out=deviation)
    for _ in range(2):
        mean = np.asarray(cv2.blur(mean, (_NOISE_PX, _NOISE_PX), borderType=cv2.BORDER_REFLECT), dtype=np.float64)
    noise = np.exp(mean, out=mean)
    noise *= _NORMAL
    return np.maximum(noise, _ROUNDING, out=noise)


def is_lost(noise: Counts, frame: Frame) -> bool:
    """Tell whether 8 bit would lose the local noise (H, W) of `frame`, in counts."""
    return float(np.percentile(noise, _CALM_PERCENTILE)) * stretch_gain(frame) < _LEAST_LEVELS
