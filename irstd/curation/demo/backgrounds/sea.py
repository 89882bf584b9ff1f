"""Sea with waves in perspective and the sun's glint."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.fields import Field, fractal, gradient, periodic, step

_TILE = 192  # side of the repeating patch of waves


def sea(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """Waves that shorten towards the horizon; in most frames a corridor of glints, where no target stands."""
    height, width = size
    horizon = rng.uniform(-0.5, 0.3) * height
    rows, columns = np.indices(size, dtype=np.float64)
    below = rows - horizon
    water = step(below, 2.0)
    near = np.clip(below / (height - horizon), 0.0, 1.0)
    dark = rng.uniform(30.0, 85.0)
    levels = gradient(size, dark + rng.uniform(0.0, 20.0), dark) + rng.uniform(5.0, 14.0) * _waves(rng, below) * near
    sky = gradient(size, dark, dark + rng.uniform(10.0, 45.0)) + 2.0 * fractal(rng, size, 3.2, (1.0, 3.0))
    levels = water * levels + (1.0 - water) * sky
    if rng.random() < 0.65:
        centre, slope = rng.uniform(0.2, 0.8) * width, rng.uniform(-0.2, 0.2)
        half = (0.04 + 0.1 * near) * width
        aside = np.abs(columns - centre - slope * below) / half
        inside = (aside < 1.0) & (below > 2.0)
        shine = rng.uniform(4.0, 18.0) * np.exp(-(aside**2)) * water
        levels = levels + shine + _glints(rng, inside)
        return Scene(levels=levels, free=~inside)
    return Scene(levels=levels, free=np.ones(size, dtype=np.bool_))


def _waves(rng: np.random.Generator, below: Field) -> Field:
    """Wave heights, standard deviation about 1, on a plane seen at a low angle; `below` is px under the horizon."""
    tile = periodic(rng, (_TILE, _TILE), 2.2, (1.0, rng.uniform(1.5, 3.0)))
    tile = tile - ndimage.gaussian_filter(tile, 8.0, mode="wrap")
    tile = tile / tile.std()
    reach = below.shape[0] * rng.uniform(0.35, 0.6)
    depth = reach / np.clip(below + 0.15 * below.shape[0], 4.0, None)
    columns = np.indices(below.shape, dtype=np.float64)[1] - below.shape[1] / 2.0
    plane = np.stack([_TILE * depth * 0.9, columns * depth])
    return np.asarray(ndimage.map_coordinates(tile, plane, order=1, mode="grid-wrap"), dtype=np.float64)


def _glints(rng: np.random.Generator, inside: NDArray[np.bool_]) -> Field:
    """Flat bright specks, 2 to 8 px long, thickly sown inside the corridor."""
    levels = np.zeros(inside.shape)
    places = np.argwhere(inside)
    if not len(places):
        return levels
    count = int(len(places) * rng.uniform(0.003, 0.009))
    for row, column in places[rng.integers(len(places), size=count)]:
        length = int(rng.integers(2, 9))
        levels[row, max(column - length // 2, 0) : column + (length + 1) // 2] += rng.exponential(25.0)
    return np.minimum(levels, 190.0)
