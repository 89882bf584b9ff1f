"""Backgrounds of the demo set, one a file."""

from collections.abc import Callable, Mapping

import numpy as np

from irstd.data.demo.backgrounds.buildings import buildings
from irstd.data.demo.backgrounds.cloud import cloud
from irstd.data.demo.backgrounds.clutter import clutter
from irstd.data.demo.backgrounds.horizon import horizon
from irstd.data.demo.backgrounds.scene import Scene
from irstd.data.demo.backgrounds.sea import sea

Background = Callable[[np.random.Generator, tuple[int, int]], Scene]

BACKGROUNDS: Mapping[str, Background] = {
    "cloud": cloud,
    "sea": sea,
    "horizon": horizon,
    "buildings": buildings,
    "clutter": clutter,
}

__all__ = ["BACKGROUNDS", "Background", "Scene"]
