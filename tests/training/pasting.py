"""Frames with one target, and what is cut out of them to be pasted."""

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.frames import Frame
from irstd.models.base import InputRule
from irstd.training.paste import Donor, find_donors

NATIVE = InputRule(channels=1, size=None)
REACH = 12  # half of a patch
NONE = np.zeros((0, 2))


def donors_of(frame: Frame, *points: tuple[float, float], rule: InputRule = NATIVE) -> list[Donor]:
    sample = Sample("frame", frame, np.array(points).reshape(-1, 2))
    return find_donors([sample], [rule.levels(frame)], rule)


def square(excess: int, side: int = 3, ground: int = 40) -> NDArray[np.uint8]:
    """A flat frame of 64 px with a square on (30, 30) that stands out by so much."""
    frame = np.full((64, 64), ground, dtype=np.uint8)
    frame[30 - side // 2 : 31 + side // 2, 30 - side // 2 : 31 + side // 2] += np.uint8(excess)
    return frame
