"""Sky over hills."""

import numpy as np

from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.fields import fractal, gradient, ridge, step


def horizon(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """A sky that brightens towards one or two rough skylines, and textured ground; targets anywhere."""
    height, width = size
    top = rng.uniform(15.0, 80.0)
    levels = gradient(size, top, top + rng.uniform(10.0, 90.0), rng.uniform(1.0, 3.0))
    levels = levels + rng.uniform(0.5, 4.0) * fractal(rng, size, 3.4, (1.0, 4.0))
    line = rng.uniform(0.35, 0.75) * height
    rows = np.arange(height, dtype=np.float64)[:, None]
    tilt = rng.uniform(-0.06, 0.06) * (np.arange(width) - width / 2.0)
    for _ in range(int(rng.integers(1, 3))):
        skyline = line + tilt + rng.uniform(1.0, 7.0) * ridge(rng, width, rng.uniform(2.0, 3.2))
        ground = rng.uniform(25.0, 140.0) + rng.uniform(4.0, 13.0) * fractal(
            rng, size, rng.uniform(1.9, 2.6), (1.0, 2.5)
        )
        below = rows - skyline[None, :]
        rim = rng.uniform(0.0, 25.0) * np.exp(-((below / 1.5) ** 2))
        cover = step(below, 1.5)
        levels = cover * ground + (1.0 - cover) * levels + rim
        line += rng.uniform(0.08, 0.25) * height
    return Scene(levels=levels, free=np.ones(size, dtype=np.bool_))
