"""A comparison of models on the same frames: scores, differences to the first with intervals, changed frames."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from irstd.comparison.pairing import paired
from irstd.comparison.resampling import LEVEL, RESAMPLES, Intervals, difference, intervals
from irstd.errors import ScoreError
from irstd.metrics.counts import pooled
from irstd.metrics.frame import FrameCounts, FrameRow
from irstd.metrics.headline import headline
from irstd.metrics.interval import Interval
from irstd.metrics.score import DEFINITION, Score, score_of


@dataclass(frozen=True)
class Estimate:
    """A figure, or a difference of two, and its interval; None where undefined."""

    value: float | None
    interval: Interval | None

    @property
    def decided(self) -> bool:
        """True if there is an interval and 0 lies outside."""
        return self.interval is not None and 0 not in self.interval


@dataclass(frozen=True)
class Compared:
    """One model.

    Attributes:
        name: the model's.
        operating_threshold: the threshold of its precision, Pd, F1 and Fa.
        figures: the headline figures by id.
        differences: the same minus those of the first model; empty for the first.
    """

    name: str
    operating_threshold: float
    figures: Mapping[str, Estimate]
    differences: Mapping[str, Estimate]


@dataclass(frozen=True)
class Comparison:
    """Models on the same frames.

    Attributes:
        definition: of the score.
        frames, targets: size of the scored set.
        level, resamples, seed: of the intervals, which are percentiles of resampled frames, paired for differences.
        redrawn: resamples drawn again because none of their frames held a target.
        models: as given; the others are compared with the first.
        changed: the rows, one a model, of each frame whose hits, false alarms or misses differ; the largest
            change first, then by name.
    """

    definition: str
    frames: int
    targets: int
    level: float
    resamples: int
    seed: int
    redrawn: int
    models: tuple[Compared, ...]
    changed: tuple[tuple[FrameRow, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and None, ready for JSON."""
        names = [model.name for model in self.models]
        own = ("definition", "frames", "targets", "level", "resamples", "seed", "redrawn")
        return {
            **{name: getattr(self, name) for name in own},
            "models": [
                {
                    "name": model.name,
                    "operating_threshold": model.operating_threshold,
                    "figures": {name: asdict(each) for name, each in model.figures.items()},
                    "differences": {name: asdict(each) for name, each in model.differences.items()},
                }
                for model in self.models
            ],
            "changed": [
                {
                    "frame": rows[0].name,
                    "targets": rows[0].targets,
                    "counts": {
                        name: {"tp": row.tp, "fp": row.fp, "fn": row.fn} for name, row in zip(names, rows, strict=True)
                    },
                }
                for rows in self.changed
            ],
        }


def compare(
    models: Mapping[str, Sequence[FrameCounts]], seed: int, resamples: int = RESAMPLES, level: float = LEVEL
) -> Comparison:
    """Models by name, each with its counts of the same frames, compared with the first of them.

    Raises:
        ScoreError: there is no model or no frame, the frames or their truth differ, or one model's counts are of
            several operating thresholds.
    """
    if not models or not all(models.values()):
        raise ScoreError("a comparison needs at least one model, and at least one frame of each")
    (first, base), *others = models.items()
    for name, frames in others:
        try:
            paired(base, frames)
        except ScoreError as fault:
            raise ScoreError(f"{first} and {name} cannot be compared: {fault}") from fault
    scores = {
        name: score_of(pooled((f.counts for f in part), part[0].counts.threshold)) for name, part in models.items()
    }
    own = {name: intervals(frames, seed, resamples, level) for name, frames in models.items()}
    more = {name: difference(base, frames, seed, resamples, level) for name, frames in others}
    return Comparison(
        definition=DEFINITION,
        frames=len(base),
        targets=scores[first].targets,
        level=level,
        resamples=resamples,
        seed=seed,
        redrawn=own[first].redrawn,
        models=tuple(
            Compared(
                name=name,
                operating_threshold=score.operating_threshold,
                figures=_estimates(score, None, own[name]),
                differences=_estimates(score, scores[first], more[name]) if name in more else {},
            )
            for name, score in scores.items()
        ),
        changed=_changed(list(models.values())),
    )


def _estimates(score: Score, base: Score | None, found: Intervals) -> dict[str, Estimate]:
    """The headline figures of a score, or their differences to those of `base`, with their intervals."""
    values = headline(score)
    if base is not None:
        values = {name: _minus(values[name], start) for name, start in headline(base).items()}
    return {name: Estimate(value, found[name]) for name, value in values.items()}


def _minus(value: float | None, start: float | None) -> float | None:
    return None if value is None or start is None else value - start


def _changed(models: Sequence[Sequence[FrameCounts]]) -> tuple[tuple[FrameRow, ...], ...]:
    tables = [{frame.name: frame.row() for frame in frames} for frames in models]
    every = [tuple(table[name] for table in tables) for name in sorted(tables[0])]
    return tuple(sorted((rows for rows in every if _change(rows)), key=lambda rows: -_change(rows)))


def _change(rows: Sequence[FrameRow]) -> int:
    """Return by how many misses and false alarms a frame differs from the first model, at most."""
    return max(abs(row.fp - rows[0].fp) + abs(row.fn - rows[0].fn) for row in rows)
