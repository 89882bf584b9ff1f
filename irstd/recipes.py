"""What a profile says of single detectors."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any


def own_training(detectors: Mapping[str, Mapping[str, Any]], detector: str) -> dict[str, Any]:
    """The training settings of a profile's section `detectors` for a detector.

    Args:
        detectors: training settings by name or pattern, such as `fdep-*`; of those that fit, the later ones count.
        detector: its name.
    """
    fitting = [train for pattern, train in detectors.items() if fnmatchcase(detector, pattern)]
    return {name: value for train in fitting for name, value in train.items()}
