"""The rule by which new frames count as others than those learned from. Ours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        chance: the largest distance that chance gives, in [0, 1]; None with too few scenes.
        moved: whether the rule says so; None with too few scenes.
    """

    statistic: str
    known: float
    new: float
    distance: float
    chance: float | None
    moved: bool | None


@dataclass(frozen=True)
class Drift:
    """What the rule says of new frames.

    Attributes:
        frames, scenes: of the new ones.
        shifts: one a statistic.
        advised: whether to retrain; None with too few scenes to tell.
    """

    frames: int
    scenes: int
    shifts: tuple[Shift, ...]
    advised: bool | None

    def __str__(self) -> str:
        if self.advised is None:
            return f"drift: {self.scenes} new scenes in {self.frames} frames are too few to tell"
        if not self.advised:
            return f"drift: none; {self.scenes} new scenes look like those learned from"
        moved = ", ".join(
            f"{shift.statistic} {shift.known:.3g} → {shift.new:.3g} (distance {shift.distance:.2f}, chance "
            f"{shift.chance or 0.0:.2f})"
            for shift in self.shifts
            if shift.moved
        )
        return f"drift: retraining is advised: {moved}"


def detect_drift(known: Mapping[str, Values], new: Measured, rule: DriftRule, seed: int) -> Drift:
    """What `rule` says of `new`; the same for the same figures and seed.

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
    """Kolmogorov and Smirnov's distance of two samples (n,) and (m,), in [0, 1]; neither empty."""
    values = np.concatenate([first, second])
    one, two = (np.searchsorted(np.sort(each), values, side="right") / len(each) for each in (first, second))
    return float(np.abs(one - two).max())


def split_distances(values: Values, part: int, splits: int, rng: np.random.Generator) -> Values:
    """float64 (splits,): that distance between a random `part` of `values` (n,) and the rest, 0 < part < n."""
    ordered = np.sort(values)
    last = np.append(ordered[1:] != ordered[:-1], True)  # of equal values: only there a share is complete
    order = rng.random((splits, len(values))).argsort(axis=1)
    inside = (order < part).cumsum(axis=1)
    outside = np.arange(1, len(values) + 1) - inside
    gaps = np.abs(inside / part - outside / (len(values) - part))
    return np.asarray(gaps[:, last].max(axis=1), dtype=np.float64)
