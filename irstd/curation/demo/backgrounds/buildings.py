"""Houses with windows, some of them warm, under a sky."""

import numpy as np
from numpy.typing import NDArray

from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.fields import Field, fractal, gradient


def buildings(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """A row of facades with window grids, bright roof edges and masts; targets stand in the sky alone."""
    height, width = size
    top = rng.uniform(20.0, 80.0)
    levels = gradient(size, top, top + rng.uniform(5.0, 50.0), 1.5) + rng.uniform(0.5, 5.0) * fractal(rng, size, 3.3)
    free = np.ones(size, dtype=np.bool_)
    stone = rng.uniform(0.5, 3.5) * fractal(rng, size, 2.0)
    column = -int(rng.integers(0, 12))
    while column < width:
        span = int(rng.integers(16, 46))
        roof = int(rng.uniform(0.3, 0.85) * height)
        _facade(rng, levels[roof:, max(column, 0) : column + span])
        free[roof:, max(column, 0) : column + span] = False
        if rng.random() < 0.5:
            _mast(rng, (levels, free), roof, int(np.clip(column + rng.integers(2, span - 2), 0, width - 1)))
        column += span + (int(rng.integers(3, 14)) if rng.random() < 0.35 else 0)
    return Scene(levels=np.where(free, levels, levels + stone), free=free)


def _facade(rng: np.random.Generator, wall: Field) -> None:
    """Draw one facade over the whole of `wall`, a view into the frame."""
    base = rng.uniform(45.0, 150.0)
    wall[:] = base + rng.uniform(-15.0, 15.0) * np.linspace(0.0, 1.0, wall.shape[0])[:, None]
    wall[:] += 2.5 * rng.standard_normal((1, wall.shape[1]))
    wall[:1] += rng.uniform(5.0, 45.0)  # the roof's edge
    wall[:, :1] -= rng.uniform(0.0, 20.0)
    pitch_y, pitch_x = int(rng.integers(6, 11)), int(rng.integers(5, 10))
    tall, wide = int(rng.integers(2, pitch_y - 2)), int(rng.integers(2, pitch_x - 1))
    cold, warm, share = rng.uniform(-25.0, 8.0), rng.uniform(15.0, 55.0), rng.uniform(0.02, 0.09)
    for row in range(4, wall.shape[0] - tall, pitch_y):
        for column in range(3, wall.shape[1] - wide - 1, pitch_x):
            lit = rng.random() < share
            wall[row : row + tall, column : column + wide] += warm * rng.uniform(0.5, 1.0) if lit else cold


def _mast(rng: np.random.Generator, scene: tuple[Field, NDArray[np.bool_]], roof: int, column: int) -> None:
    """Draw a mast, or a chimney, on the roof."""
    levels, free = scene
    tall, wide = int(rng.integers(4, 22)), int(rng.integers(1, 4))
    area = (slice(max(roof - tall, 0), roof), slice(column, column + wide))
    levels[area] += rng.uniform(-25.0, 70.0)
    free[area] = False
