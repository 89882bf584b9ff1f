"""The section `retrain.drift`: when new frames count as unlike the known ones."""

from dataclasses import dataclass
from typing import Annotated

from irstd.settings.bounds import Bounds, Section, Share


@dataclass(frozen=True)
class DriftRule(Section):
    """When retraining is advised: the distance of a statistic is both large and more than chance gives.

    The distance is that of Kolmogorov and Smirnov: the largest gap between the shares of known and of new scenes below
    a value. Chance is that distance between two random parts of the known scenes, one as large as the new set.

    Attributes:
        alpha: risk that any of all statistics seems to have moved where nothing has.
        distance: least distance that counts, in [0, 1]; with many scenes the smallest difference is more than chance.
        scenes: with fewer new scenes, or fewer than twice as many known ones, the rule does not decide.
        splits: number of random splits.
        frames: largest number of frames that are measured, of the known and of the new ones.
    """

    alpha: Annotated[float, Bounds(above=0, below=1)] = 0.01
    distance: Share = 0.3
    scenes: Annotated[int, Bounds(least=2)] = 8
    splits: Annotated[int, Bounds(least=100, most=1_000_000)] = 1000
    frames: Annotated[int, Bounds(least=10, most=1_000_000)] = 300

    def __str__(self) -> str:
        return (
            f"retraining is advised where a distance (Kolmogorov-Smirnov) is at least {self.distance:g} and beyond "
            f"what {self.splits} random splits of the known scenes show (risk {self.alpha:g} over all statistics)"
        )
