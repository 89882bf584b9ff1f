"""Intervals of the headline figures by bootstrap over frames, and over fits, from their stored counts alone.

A resample draws as many frames as there are, with replacement; it is a vector of weights, how often each frame was
drawn, and its pooled counts are the weighted sum of the frames'. Two models on the same frames share the weights.
Of several fits of one variant, on the same frames, it draws as many as there are; the figure is their mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.comparison.pairing import paired
from irstd.comparison.ranked_resampling import RankedStack
from irstd.errors import ScoreError
from irstd.metrics.counts import SHAPES
from irstd.metrics.frame import FrameCounts
from irstd.metrics.headline import FIGURES, resampled_headline
from irstd.metrics.interval import Interval

RESAMPLES, LEVEL = 2000, 0.95

# Resamples that are drawn at once, and the most weights that this may take.
_BLOCK, _WEIGHTS = 250, 2**24

Values = NDArray[np.float64]
Fits = Sequence[Sequence[FrameCounts]]
"""Fits of one variant, each with its counts of the same frames."""


@dataclass(frozen=True)
class Intervals:
    """The interval of each headline figure: `intervals["hse"]`; None where it is undefined, even in one resample.

    Attributes:
        figures: by the figure's name.
        level: the share of resamples between the two ends; as many lie below as above (percentile interval).
        resamples: how many count.
        redrawn: how many were drawn again, because none of their frames held a target.
    """

    figures: Mapping[str, Interval | None]
    level: float
    resamples: int
    redrawn: int

    def __getitem__(self, figure: str) -> Interval | None:
        return self.figures[figure]


def intervals(frames: Sequence[FrameCounts], seed: int, resamples: int = RESAMPLES, level: float = LEVEL) -> Intervals:
    """The intervals of the headline figures of `frames`: how far the choice of frames may move each of them.

    The same frames, in whatever order, and the same seed give the same intervals. Without a true target only that of
    Fa is defined, without a frame none.

    Raises:
        ScoreError: the resamples are fewer than 1, or the level does not lie in (0, 1).
    """
    return intervals_of_fits([frames], seed, resamples, level)


def difference(
    a: Sequence[FrameCounts], b: Sequence[FrameCounts], seed: int, resamples: int = RESAMPLES, level: float = LEVEL
) -> Intervals:
    """The intervals of the figures of `b` minus those of `a` on the same frames, each at its operating threshold.

    Paired: a resample draws the same frames for both, so that the difficulty of the frames cancels out.

    Raises:
        ScoreError: the frames or their truth differ, or as for `intervals`.
    """
    return difference_of_fits([a], [b], seed, resamples, level)


def intervals_of_fits(fits: Fits, seed: int, resamples: int = RESAMPLES, level: float = LEVEL) -> Intervals:
    """The intervals of the means over `fits`: how far the choice of fits and of frames may move each of them.

    Raises:
        ScoreError: the frames of the fits or their truth differ, or as for `intervals`.
    """
    _check(resamples, level)
    (drawn,), redrawn = _resampled([_stacks(fits, fits[0])], seed, resamples)
    return _summary(drawn, level, resamples, redrawn)


def difference_of_fits(a: Fits, b: Fits, seed: int, resamples: int = RESAMPLES, level: float = LEVEL) -> Intervals:
    """The intervals of the means over the fits `b` minus those over `a`: each fit of one beside its like of the other.

    Paired: a resample draws the same fits and the same frames for both. A single fit stands beside all of the other.

    Raises:
        ScoreError: there are several fits of both, but not as many; or as for `difference`.
    """
    _check(resamples, level)
    if len(a) != len(b) and min(len(a), len(b)) > 1:
        raise ScoreError(f"there are {len(a)} fits of one and {len(b)} of the other; give as many, or one of either")
    (of_a, of_b), redrawn = _resampled([_stacks(each, a[0]) for each in (a, b)], seed, resamples)
    return _summary({name: of_b[name] - of_a[name] for name in of_a if name in of_b}, level, resamples, redrawn)


def _stacks(fits: Fits, base: Sequence[FrameCounts]) -> list["_Stack"]:
    for frames in fits:
        paired(base, frames)  # raises unless they are the same frames
    return [_Stack.of(frames) for frames in fits]


def _check(resamples: int, level: float) -> None:
    if resamples < 1:
        raise ScoreError(f"there must be at least 1 resample, got {resamples}; 2000 are usual")
    if not 0 < level < 1:
        raise ScoreError(f"the level of an interval must lie in (0, 1), got {level:g}; 0.95 is usual")


@dataclass(frozen=True)
class _Stack:
    """The counts of n frames, sorted by name.

    Attributes:
        matrix: float64 (n, d), whole numbers: each frame's amounts side by side.
        places: the columns of each amount, and its shape.
        ranks: those of hse-2; None where a frame has none.
    """

    matrix: Values
    places: Mapping[str, tuple[slice, tuple[int, ...]]]
    ranks: RankedStack | None

    @classmethod
    def of(cls, frames: Sequence[FrameCounts]) -> "_Stack":
        """The amounts of `frames` in the order of their names, so that a seed draws the same frames from any order."""
        ordered = [frame.counts for frame in sorted(frames, key=lambda frame: frame.name)]
        blocks: list[Values] = []
        places: dict[str, tuple[slice, tuple[int, ...]]] = {}
        start = 0
        for name in SHAPES if ordered else ():
            block = np.array([getattr(counts, name) for counts in ordered], dtype=np.float64)
            blocks.append(block.reshape(len(ordered), -1))
            places[name] = (slice(start, start + blocks[-1].shape[1]), block.shape[1:])
            start += blocks[-1].shape[1]
        ranks = [counts.ranked for counts in ordered if counts.ranked is not None]
        whole = RankedStack.of(ranks) if ranks and len(ranks) == len(ordered) else None
        return cls(np.concatenate(blocks, axis=1) if blocks else np.zeros((0, 0)), places, whole)

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def targets(self) -> Values:
        """float64 (n,): true targets in each frame."""
        return self.matrix[:, self.places["targets"][0]].ravel()

    def pooled(self, weights: Values) -> dict[str, Values]:
        """Each amount of the resamples with these weights (r, n), float64 (r, …).

        Exact while sums stay below 2^53, which those of own IoU do up to 8191 frames; then to the last place.
        """
        sums = weights @ self.matrix
        return {name: sums[:, columns].reshape(-1, *shape) for name, (columns, shape) in self.places.items()}

    def figures(self, weights: Values, *, defined: bool) -> dict[str, Values]:
        """The headline figures of the resamples with these weights; those of hse-2 only where all frames have ranks."""
        pooled = self.pooled(weights)
        found = resampled_headline(pooled, defined=defined)
        return found | self.ranks.resampled(weights, pooled) if defined and self.ranks is not None else found


def _resampled(models: Sequence[Sequence[_Stack]], seed: int, resamples: int) -> tuple[list[dict[str, Values]], int]:
    """The headline figures, each float64 (resamples,), of fits of the same frames, and how many draws were repeated.

    NaN where a resample leaves a figure undefined; a figure that all frames together leave undefined has no entry.
    """
    frames, fits = len(models[0][0]), max(len(stacks) for stacks in models)
    if not frames:
        return [{} for _ in models], 0
    rng, of_fits = np.random.default_rng(seed), np.random.default_rng([seed, fits])
    targets, redrawn = models[0][0].targets, 0
    parts: list[list[dict[str, Values]]] = [[] for _ in models]
    rows = max(1, min(_BLOCK, _WEIGHTS // frames))
    for start in range(0, resamples, rows):
        weights, in_vain = _draw(rng, targets, min(rows, resamples - start))
        drawn = of_fits.multinomial(fits, [1 / fits] * fits, size=len(weights)) / fits
        redrawn += in_vain
        for stacks, part in zip(models, parts, strict=True):
            own = [stack.figures(weights, defined=bool(targets.any())) for stack in stacks]
            part.append(own[0] if len(own) == 1 else _mean(own, drawn))
    return [{name: np.concatenate([each[name] for each in part]) for name in part[0]} for part in parts], redrawn


def _mean(fits: Sequence[Mapping[str, Values]], shares: Values) -> dict[str, Values]:
    """The mean of the figures (r,) of fits by these shares (r, fits); a fit of share 0 has no say."""
    known = [name for name in fits[0] if all(name in each for each in fits)]
    stacked = {name: np.stack([each[name] for each in fits], axis=1) for name in known}
    return {name: np.where(shares > 0, shares * values, 0.0).sum(axis=1) for name, values in stacked.items()}


def _draw(rng: np.random.Generator, targets: Values, rows: int) -> tuple[Values, int]:
    """float64 (rows, n): how often each frame is drawn; and how many rows were drawn again without a target."""
    frames = len(targets)
    weights, open_rows, redrawn = np.empty((rows, frames)), np.arange(rows), 0
    while True:
        drawn = rng.integers(frames, size=(len(open_rows), frames)) + frames * np.arange(len(open_rows))[:, None]
        weights[open_rows] = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
        open_rows = open_rows[weights[open_rows] @ targets == 0] if targets.any() else open_rows[:0]
        if not len(open_rows):
            return weights, redrawn
        redrawn += len(open_rows)


def _summary(drawn: Mapping[str, Values], level: float, resamples: int, redrawn: int) -> Intervals:
    ends = [(1 - level) / 2, (1 + level) / 2]
    found: dict[str, Interval | None] = dict.fromkeys(FIGURES)
    for name, values in drawn.items():
        if not np.isnan(values).any():
            low, high = np.quantile(values, ends).tolist()
            found[name] = Interval(low, high)
    return Intervals(found, level, resamples, redrawn)
