"""Bright objects that are no targets."""

import numpy as np

from irstd.curation.demo.backgrounds import Scene
from irstd.curation.demo.fields import Field


def add_distractors(rng: np.random.Generator, scene: Scene, at_least: int) -> Scene:
    """Add streaks, bars and glares to `scene`; each is longer or larger than any target, and none covers a target."""
    levels, free = scene.levels.copy(), scene.free.copy()
    for _ in range(max(at_least, int(rng.choice(4, p=(0.4, 0.35, 0.2, 0.05))))):
        cover = _SHAPES[int(rng.choice(len(_SHAPES), p=(0.4, 0.35, 0.25)))](rng, levels.shape)
        levels += cover * rng.uniform(8.0, 45.0)
        free &= cover < 0.02
    return Scene(levels=levels, free=free)


def _streak(rng: np.random.Generator, size: tuple[int, ...]) -> Field:
    """A thin line, 14 to 50 px long: a trail, a wire."""
    return _segment(rng, size, rng.uniform(14.0, 50.0), rng.uniform(0.5, 1.3))


def _bar(rng: np.random.Generator, size: tuple[int, ...]) -> Field:
    """A short thick line, 12 to 22 px long: an extended glint."""
    return _segment(rng, size, rng.uniform(12.0, 22.0), rng.uniform(1.5, 4.0))


def _glare(rng: np.random.Generator, size: tuple[int, ...]) -> Field:
    """A soft spot, 14 to 50 px across: the sun behind haze, a plume."""
    across, along = _coordinates(rng, size)
    long = rng.uniform(7.0, 25.0)
    radius = np.hypot(along / long, across / (long * rng.uniform(0.4, 1.0)))
    return np.asarray(np.clip(1.0 - radius**2, 0.0, 1.0) ** rng.uniform(1.0, 3.0), dtype=np.float64)


def _segment(rng: np.random.Generator, size: tuple[int, ...], length: float, width: float) -> Field:
    across, along = _coordinates(rng, size)
    across = across + rng.uniform(-0.006, 0.006) * along**2  # slightly bent
    distance = np.hypot(across, np.maximum(np.abs(along) - length / 2.0, 0.0))
    # Brightest somewhere along it, fainter towards the ends.
    fade = np.clip(1.0 - rng.uniform(0.2, 1.2) * np.abs(along / length - rng.uniform(-0.4, 0.4)), 0.0, 1.0)
    return np.asarray(np.clip(0.5 + width / 2.0 - distance, 0.0, 1.0) * fade, dtype=np.float64)


def _coordinates(rng: np.random.Generator, size: tuple[int, ...]) -> tuple[Field, Field]:
    """(across, along) px of each pixel in a frame of a random place and direction."""
    rows, columns = np.indices(size[:2], dtype=np.float64)
    down, right = rows - rng.uniform(0.0, size[0]), columns - rng.uniform(0.0, size[1])
    angle = rng.uniform(0.0, np.pi)
    return down * np.cos(angle) - right * np.sin(angle), right * np.cos(angle) + down * np.sin(angle)


_SHAPES = (_streak, _bar, _glare)
