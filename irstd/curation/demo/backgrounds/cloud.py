"""Sky with cumulus or cirrus."""

import numpy as np

from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.fields import fractal, gradient, step, warp


def cloud(rng: np.random.Generator, size: tuple[int, int]) -> Scene:
    """A sky gradient under clouds with hard (cumulus) or soft (cirrus) edges; targets anywhere."""
    cumulus = rng.random() < 0.6
    dark = rng.uniform(25.0, 95.0)
    sky = gradient(size, dark, dark + rng.uniform(-15.0, 35.0))
    stretch = (1.0, rng.uniform(1.0, 1.6)) if cumulus else (1.0, rng.uniform(1.8, 3.5))
    body = fractal(rng, size, rng.uniform(3.5, 4.4), stretch)
    torn = rng.uniform(2.0, 6.0) if cumulus else rng.uniform(5.0, 12.0)
    body = warp(body, (torn * fractal(rng, size, 3.2), torn * fractal(rng, size, 3.2)))
    edge = rng.uniform(0.25, 0.9) if cumulus else rng.uniform(1.0, 2.5)
    cover = step(body - rng.uniform(-0.2, 1.1), edge)
    # Lit from one side: the relief of the body shades it.
    texture = 0.7 + 0.15 * body + 0.08 * fractal(rng, size, 2.6, stretch)
    bright = rng.uniform(35.0, 170.0) if cumulus else rng.uniform(15.0, 90.0)
    haze = rng.uniform(0.0, 5.0) * fractal(rng, size, 3.2, (1.0, 2.0))
    return Scene(levels=sky + haze + bright * cover * texture, free=np.ones(size, dtype=np.bool_))
