"""The drift rule: when new frames differ from those trained on. Ours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp, permutation_test

from irstd.drift.figures import Measured
from irstd.settings.drift import DriftRule

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """One statistic, known against new.

    Attributes:
        statistic: its name in `LABELS`.
        known: median of the known scenes.
        new: of the new ones.
        distance: between the two, in [0, 1].
        chance: the distance that chance exceeds with the risk of one statistic; None with too few scenes.
        moved: True if the distance is larger and counts; None with too few scenes.
    """

    statistic: str
    known: float
    new: float
    distance: float
    chance: float | None
    moved: bool | None


@dataclass(frozen=True)
class Drift:
    """The result of the rule on new frames.

    Attributes:
        frames, scenes: of the new ones.
        shifts: one a statistic.
        advised: True if retraining is advised; None with too few scenes to tell.
    """

    frames: int
    scenes: int
    shifts: tuple[Shift, ...]
    advised: bool | None

    def __str__(self) -> str:
        if self.advised is None:
            return f"drift: {self.scenes} new scenes in {self.frames} frames are too few to tell"
        if not self.advised:
            return f"drift: none; {self.scenes} new scenes look like those trained on"
        moved = ", ".join(
            f"{shift.statistic} {shift.known:.3g} → {shift.new:.3g} (distance {shift.distance:.2f}, chance "
            f"{shift.chance or 0.0:.2f})"
            for shift in self.shifts
            if shift.moved
        )
        return f"drift: retraining is advised: {moved}"


def detect_drift(known: Mapping[str, Values], new: Measured, rule: DriftRule, seed: int) -> Drift:
    """Apply `rule` to new frames; the same figures and seed give the same result.

    Args:
        known: float64 (scenes,) by statistic; only those that `new` has too are compared.
        new: the new frames.
        rule: the rule.
        seed: of the random splits, from 0.
    """
    names = [name for name in new.values if len(known.get(name, ())) > 0]
    rng = np.random.default_rng(seed)
    shifts = tuple(_shift(name, known[name], new.values[name], rule, (rng, rule.alpha / len(names))) for name in names)
    told = [shift.moved for shift in shifts if shift.moved is not None]
    return Drift(new.frames, new.scenes, shifts, any(told) if told else None)


def _shift(name: str, known: Values, new: Values, rule: DriftRule, chances: tuple[np.random.Generator, float]) -> Shift:
    rng, risk = chances
    distance = two_sample_distance(known, new)
    enough = len(new) >= rule.scenes and len(known) >= 2 * rule.scenes
    chance = None
    if enough:
        part = min(len(new), len(known) // 2)
        among = split_distances(known, part, rule.splits, rng)
        chance = float(np.quantile(among, 1.0 - risk, method="higher"))
    moved = None if chance is None else distance > chance and distance >= rule.distance
    return Shift(name, float(np.median(known)), float(np.median(new)), distance, chance, moved)


def two_sample_distance(first: Values, second: Values) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples (n,) and (m,), in [0, 1]; neither may be empty."""
    return float(ks_2samp(first, second, method="asymp").statistic)  # the method is that of a p-value, not used here


def split_distances(values: Values, part: int, splits: int, rng: np.random.Generator) -> Values:
    """Return that distance between a random `part` of `values` and the rest, `splits` times; 0 < part < n.

    Where there are no more splits than that, each is taken once.
    """
    test = permutation_test((values[:part], values[part:]), two_sample_distance, n_resamples=splits, rng=rng)
    return np.asarray(test.null_distribution, dtype=np.float64)
