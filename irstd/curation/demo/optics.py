"""The point spread of the camera."""

import numpy as np
from scipy import special

from irstd.curation.demo.fields import Field

_TAIL = 6.0  # standard deviations


def image_of(points: Field, weights: Field, size: tuple[int, int], psf_px: float) -> Field:
    """(H, W): point sources through a Gaussian point spread, integrated over each pixel; a weight is a source's sum.

    Args:
        points: (n, 2) of (x, y) px.
        weights: (n,), the energy of each.
        size: (height, width) in px.
        psf_px: standard deviation of the point spread.
    """
    image = np.zeros(size)
    rows, columns = (_reach(points[:, axis], size[1 - axis], psf_px) for axis in (1, 0))
    down, along = _shares(points[:, 1], rows, psf_px), _shares(points[:, 0], columns, psf_px)
    # einsum, not @: a BLAS may sum in another order on another machine.
    image[rows, columns] = np.einsum("ny,nx->yx", down * weights[:, None], along)
    return image


def _reach(centres: Field, length: int, psf_px: float) -> slice:
    """The pixels of an axis on which a share above 1e-9 can fall."""
    first = int(np.floor(centres.min() - _TAIL * psf_px))
    last = int(np.ceil(centres.max() + _TAIL * psf_px))
    return slice(min(max(first, 0), length), min(max(last + 1, 0), length))


def _shares(centres: Field, pixels: slice, psf_px: float) -> Field:
    """(n, pixels): the share of a one-dimensional Gaussian round each centre that falls on each pixel."""
    edges = np.arange(pixels.start, pixels.stop + 1) - 0.5
    below = special.ndtr((edges[None, :] - centres[:, None]) / psf_px)
    return np.asarray(np.diff(below, axis=1), dtype=np.float64)
