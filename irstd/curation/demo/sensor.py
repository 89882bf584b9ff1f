"""The sensors of the demo set: noise, fixed pattern, dead pixels, digits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.curation.demo.fields import Field
from irstd.frames import Frame

_TOP_14_BIT = 16383
_LEAK = (8.0, 55.0)  # grey levels
_APART_PX = 6


@dataclass(frozen=True)
class Camera:
    """A kind of sensor.

    Attributes:
        size: (height, width) in px.
        psf_px: standard deviation of its Gaussian point spread.
        noise: standard deviation of a pixel's temporal noise, in grey levels.
        columns: standard deviation of the columns' offsets, in grey levels; half as much for the rows'.
        hot: bright dead pixels. cold: dark ones.
        counts: 14-bit counts (offset, a grey level) of a 16-bit sensor; None: 8-bit.
    """

    size: tuple[int, int]
    psf_px: float
    noise: float
    columns: float
    hot: int
    cold: int
    counts: tuple[float, float] | None = None


CAMERAS = (
    Camera(size=(128, 128), psf_px=0.75, noise=1.0, columns=0.5, hot=2, cold=2),
    Camera(size=(128, 160), psf_px=0.85, noise=1.8, columns=0.6, hot=2, cold=3),
    Camera(size=(120, 144), psf_px=0.7, noise=1.3, columns=0.4, hot=2, cold=4),
    Camera(size=(144, 192), psf_px=0.8, noise=1.5, columns=0.5, hot=3, cold=3, counts=(3200.0, 38.0)),
)


@dataclass(frozen=True)
class Sensor:
    """One sensor, with the faults that all its frames share.

    Attributes:
        camera: its kind.
        offsets: float64 (H, W), the fixed pattern of columns and rows in grey levels.
        leaks: float64 (H, W), what a dead pixel gives too much (hot) or too little (cold), in grey levels; else 0.
    """

    camera: Camera
    offsets: Field
    leaks: Field

    @property
    def dead(self) -> NDArray[np.bool_]:
        """bool (H, W), hot or cold."""
        return np.asarray(self.leaks != 0.0, dtype=np.bool_)

    def shoot(self, rng: np.random.Generator, levels: Field) -> Frame:
        """The frame of a scene that has passed the optics, in grey levels: uint8, or uint16 with 14 bits used."""
        seen = levels + self.camera.noise * rng.standard_normal(levels.shape) + self.offsets + self.leaks
        if self.camera.counts is None:
            return np.asarray(np.rint(np.clip(seen, 0.0, 255.0)), dtype=np.uint8)
        offset, gain = self.camera.counts
        return np.asarray(np.rint(np.clip(offset + gain * seen, 0.0, _TOP_14_BIT)), dtype=np.uint16)


def make_sensor(rng: np.random.Generator, camera: Camera) -> Sensor:
    """Make a sensor of the kind `camera`; no two dead pixels are neighbours."""
    height, width = camera.size
    offsets = camera.columns * rng.standard_normal((1, width)) + 0.5 * camera.columns * rng.standard_normal((height, 1))
    places: list[tuple[int, int]] = []
    while len(places) < camera.hot + camera.cold:
        row, column = int(rng.integers(2, height - 2)), int(rng.integers(2, width - 2))
        if all(max(abs(row - y), abs(column - x)) > _APART_PX for y, x in places):
            places.append((row, column))
    leaks = np.zeros(camera.size)
    for number, place in enumerate(places):
        strength = _LEAK[0] * (_LEAK[1] / _LEAK[0]) ** rng.random()
        leaks[place] = strength if number < camera.hot else -strength
    return Sensor(camera=camera, offsets=offsets, leaks=leaks)
