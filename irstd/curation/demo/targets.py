"""Targets: shape, place, contrast and mask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.curation.demo.fields import Field
from irstd.curation.demo.optics import image_of
from irstd.curation.demo.sensor import Camera

MASK_SHARE = 0.5
"""A pixel belongs to a target whose own radiance there is at least this share of its largest."""

_POINT_SHARE = 0.4  # the others are extended
_ACROSS_PX = (2.0, 9.0)
_APART_PX = 14.0
_SNR = (1.5, 12.0)  # the peak over the standard deviation of what is round it, sensor noise included
_SKEW = 0.38  # below 1: more easy ones than hopeless ones
_WINDOW_PX = 10
_STRONGEST = 120.0  # grey levels a target adds at most
_BRIGHTEST = 205.0  # grey level round a target at most, so that it can stand out


@dataclass(frozen=True)
class Target:
    """One drawn target.

    Attributes:
        centre: (x, y) px, the centroid of its radiance before the optics.
        levels: float64 (H, W), what it adds to the frame.
    """

    centre: tuple[float, float]
    levels: Field

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool (H, W), at least one pixel."""
        return np.asarray(self.levels >= MASK_SHARE * self.levels.max(), dtype=np.bool_)


def add_targets(
    rng: np.random.Generator, levels: Field, free: NDArray[np.bool_], count: int, camera: Camera
) -> list[Target]:
    """Up to `count` targets on `levels`, apart from one another, with contrasts from invisible to easy.

    Args:
        rng: where the randomness comes from.
        levels: (H, W), the scene behind the optics, without targets.
        free: bool (H, W), where a target may stand.
        count: how many are wanted; fewer where there is no room.
        camera: whose optics and noise count.
    """
    targets: list[Target] = []
    for _ in range(count):
        across = 0.0 if rng.random() < _POINT_SHARE else rng.uniform(*_ACROSS_PX)
        centre = _place(rng, levels, free, [target.centre for target in targets])
        if centre is None:
            break
        shape = _draw(rng, levels.shape, centre, across, camera.psf_px)
        around = _around(levels, centre)
        snr = _SNR[0] * (_SNR[1] / _SNR[0]) ** (rng.random() ** _SKEW)
        peak = min(snr * float(np.hypot(around.std(), camera.noise)), _STRONGEST)
        targets.append(Target(centre=centre, levels=shape * (peak / shape.max())))
    return targets


def _draw(
    rng: np.random.Generator, size: tuple[int, ...], centre: tuple[float, float], across: float, psf_px: float
) -> Field:
    """(H, W): a point, or an ellipse brighter at one end, centred exactly on `centre`, through the optics."""
    sources, weights = np.zeros((1, 2)), np.ones(1)
    if across > 0.0:
        grid = np.arange(-0.5, 0.5001, 0.125)
        u, v = (axis.ravel() for axis in np.meshgrid(grid, grid))
        inside = np.hypot(u, v) <= 0.5
        u, v = u[inside] * across, v[inside] * across * rng.uniform(0.45, 1.0)
        angle = rng.uniform(0.0, np.pi)
        sources = np.stack([u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)], axis=1)
        weights = 1.0 + rng.uniform(0.0, 1.5) * u / across
        sources = sources - np.average(sources, axis=0, weights=weights)
    return image_of(sources + centre, weights, (size[0], size[1]), psf_px)


def _place(
    rng: np.random.Generator, levels: Field, free: NDArray[np.bool_], taken: list[tuple[float, float]]
) -> tuple[float, float] | None:
    """(x, y) px of a free place: mostly well inside, sometimes at the border; None where none was found."""
    height, width = levels.shape
    margin, inner = (1.0, 5.0) if rng.random() < 0.07 else (8.0, np.inf)
    for _ in range(200):
        x, y = rng.uniform(margin, width - 1 - margin), rng.uniform(margin, height - 1 - margin)
        row, column = round(y), round(x)
        if min(x, y, width - 1 - x, height - 1 - y) > inner:
            continue
        apart = all(np.hypot(x - other_x, y - other_y) > _APART_PX for other_x, other_y in taken)
        if apart and free[row, column] and _around(levels, (x, y)).mean() < _BRIGHTEST:
            return x, y
    return None


def _around(levels: Field, centre: tuple[float, float]) -> Field:
    """The window of ±10 px round a place, cut at the border."""
    column, row = round(centre[0]), round(centre[1])
    rows = slice(max(row - _WINDOW_PX, 0), row + _WINDOW_PX + 1)
    return levels[rows, max(column - _WINDOW_PX, 0) : column + _WINDOW_PX + 1]
