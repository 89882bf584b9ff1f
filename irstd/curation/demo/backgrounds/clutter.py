"""Ground seen from above: rough texture in patches."""

import numpy as np

from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.fields import fractal, step


def clutter(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """1/f texture with patches of other levels and hard borders; targets anywhere."""
    levels = rng.uniform(50.0, 130.0) + rng.uniform(6.0, 22.0) * fractal(rng, size, rng.uniform(2.0, 2.8))
    for _ in range(int(rng.integers(0, 4))):
        shape = fractal(rng, size, rng.uniform(2.8, 3.6), (1.0, rng.uniform(0.6, 1.8)))
        patch = step(shape - rng.uniform(0.3, 1.3), rng.uniform(0.08, 0.5))
        texture = rng.uniform(2.0, 7.0) * fractal(rng, size, rng.uniform(1.2, 2.2))
        levels = levels + patch * (rng.uniform(-45.0, 70.0) + texture)
    return Scene(levels=np.clip(levels, 5.0, None), free=np.ones(size, dtype=np.bool_))
