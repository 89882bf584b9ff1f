"""Random fields, the parts of scenes."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.float64]


def fractal(
    rng: np.random.Generator, size: tuple[int, int], exponent: float, stretch: tuple[float, float] = (1.0, 1.0)
) -> Field:
    """1/f^`exponent` noise (H, W) by spectral synthesis, mean 0, standard deviation 1.

    Args:
        rng: where the randomness comes from.
        size: (height, width) in px.
        exponent: of the power spectrum; 0 is white, 2 rough ground, 3 to 4 cloud.
        stretch: (y, x); structures are that much longer along the axis.
    """
    # A periodic field would let the left edge continue the right one.
    height, width = (length + length // 2 for length in size)
    field = periodic(rng, (height, width), exponent, stretch)[: size[0], : size[1]]
    field -= field.mean()
    return np.asarray(field / np.sqrt(np.mean(field * field)), dtype=np.float64)


def periodic(rng: np.random.Generator, size: tuple[int, int], exponent: float, stretch: tuple[float, float]) -> Field:
    """The same, periodic, so that it can be tiled."""
    across = np.fft.fftfreq(size[0])[:, None] * stretch[0]
    along = np.fft.rfftfreq(size[1])[None, :] * stretch[1]
    power = across**2 + along**2
    power[0, 0] = np.inf
    spectrum = np.fft.rfft2(rng.standard_normal(size)) * power ** (-exponent / 4.0)
    field = np.fft.irfft2(spectrum, s=size)
    return np.asarray(field / field.std(), dtype=np.float64)


def ridge(rng: np.random.Generator, width: int, exponent: float) -> Field:
    """1/f^`exponent` noise (W,), mean 0, standard deviation 1: a skyline."""
    return np.asarray(fractal(rng, (1, width), exponent)[0], dtype=np.float64)


def warp(field: Field, shift: tuple[Field, Field]) -> Field:
    """`field` with every pixel taken from `shift` (y, x) px away: turns blobs into wisps."""
    rows, columns = np.indices(field.shape, dtype=np.float64)
    moved = np.stack([rows + shift[0], columns + shift[1]])
    return np.asarray(ndimage.map_coordinates(field, moved, order=1, mode="reflect"), dtype=np.float64)


def step(values: Field, width: float) -> Field:
    """Return 0 below and 1 above 0, with a smooth step of `width` around 0."""
    unit = np.clip(values / width + 0.5, 0.0, 1.0)
    return np.asarray(unit * unit * (3.0 - 2.0 * unit), dtype=np.float64)


def gradient(size: tuple[int, int], top: float, bottom: float, curve: float = 1.0) -> Field:
    """Levels from `top` to `bottom`; a `curve` above 1 keeps most of the change for the bottom."""
    share = np.linspace(0.0, 1.0, size[0])[:, None] ** curve
    return np.broadcast_to(top + (bottom - top) * share, size).astype(np.float64)
