"""Backgrounds of the demo set, one a file."""

from collections.abc import Callable, Mapping

import numpy as np

from irstd.curation.demo.backgrounds.buildings import buildings
from irstd.curation.demo.backgrounds.cloud import cloud
from irstd.curation.demo.backgrounds.clutter import clutter
from irstd.curation.demo.backgrounds.horizon import horizon
from irstd.curation.demo.backgrounds.scene import Scene
from irstd.curation.demo.backgrounds.sea import sea

Background = Callable[[np.random.Generator, tuple[int, int]], Scene]

BACKGROUNDS: Mapping[str, Background] = {
    "cloud": cloud,
    "sea": sea,
    "horizon": horizon,
    "buildings": buildings,
    "clutter": clutter,
}

__all__ = ["BACKGROUNDS", "Background", "Scene"]
