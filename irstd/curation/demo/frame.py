"""One frame of the demo set."""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from irstd.curation.demo.backgrounds import BACKGROUNDS
from irstd.curation.demo.distractors import add_distractors
from irstd.curation.demo.sensor import Sensor
from irstd.curation.demo.targets import add_targets
from irstd.datasets.sample import Sample

_COUNTS = (0.45, 0.3, 0.15, 0.1)  # of frames with 1, 2, 3, 4 targets
_CLEAR_PX = 4  # between a target's centre and what must not be mistaken for it


@dataclass(frozen=True)
class Plan:
    """Content of a frame, which depends on its index alone.

    Attributes:
        name: its name.
        background: its kind of background.
        empty: whether it has no target.
    """

    name: str
    background: str
    empty: bool


def make_frame(rng: np.random.Generator, plan: Plan, sensor: Sensor) -> Sample:
    """The planned frame as `sensor` sees it, with exact points and masks."""
    camera = sensor.camera
    scene = BACKGROUNDS[plan.background](rng, camera.size)
    scene = add_distractors(rng, scene, at_least=2 if plan.empty else 0)
    levels = np.asarray(ndimage.gaussian_filter(np.clip(scene.levels, 0.0, 255.0), camera.psf_px), dtype=np.float64)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _CLEAR_PX + 1,) * 2)
    free = cv2.dilate((~scene.free | sensor.dead).astype(np.uint8), disc) == 0
    count = 0 if plan.empty else 1 + int(rng.choice(len(_COUNTS), p=_COUNTS))
    targets = add_targets(rng, levels, free, count, camera)
    mask = np.zeros(camera.size, dtype=np.bool_)
    for target in targets:
        levels = levels + target.levels
        mask |= target.mask
    points = np.array([target.centre for target in targets], dtype=np.float64).reshape(-1, 2)
    return Sample(name=plan.name, frame=sensor.shoot(rng, levels), points=points, mask=mask)
