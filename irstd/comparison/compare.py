"""A comparison of models on the same frames: scores, differences to the first with intervals, changed frames.

A model may be several fits of one variant, such as those of several seeds: its figures are the means over them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from irstd.comparison.pairing import paired
from irstd.comparison.resampling import LEVEL, RESAMPLES, Intervals, difference_of_fits, intervals_of_fits
from irstd.errors import ScoreError
from irstd.metrics.counts import pooled
from irstd.metrics.frame import FrameCounts, FrameRow
from irstd.metrics.headline import FIGURES, headline
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
        operating_threshold: the threshold of its precision, Pd, F1, IoU and Fa; None if its fits differ in it.
        figures: the headline figures by id.
        differences: the same minus those of the first model; empty for the first.
        fits: the headline figures of each of several fits by its name; empty for one.
    """

    name: str
    operating_threshold: float | None
    figures: Mapping[str, Estimate]
    differences: Mapping[str, Estimate]
    fits: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; `fits` only where there are several."""
        return {name: part for name, part in asdict(self).items() if part or name != "fits"}


@dataclass(frozen=True)
class Comparison:
    """Models on the same frames.

    Attributes:
        definition: of the score.
        frames, targets: size of the scored set.
        level, resamples, seed: of the intervals, which are percentiles of resampled frames, and fits where there are
            several, paired for differences.
        redrawn: resamples drawn again because none of their frames held a target.
        models: as given; the others are compared with the first.
        changed: the rows, one a model, of each frame whose hits, false alarms or misses differ; the largest
            change first, then by name. Empty where a model has several fits.
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
        return {
            **asdict(self),
            "models": [model.to_dict() for model in self.models],
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
    return compare_fits({name: {"": frames} for name, frames in models.items()}, seed, resamples, level)


def compare_fits(
    models: Mapping[str, Mapping[str, Sequence[FrameCounts]]],
    seed: int,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Comparison:
    """The same of models with several fits, by the fit's name; differences pair the fits of the same name.

    A model with a single fit stands beside every fit of the others.

    Raises:
        ScoreError: models with several fits have fits of other names; or as for `compare`.
    """
    if not models or not all(fits and all(fits.values()) for fits in models.values()):
        raise ScoreError("a comparison needs at least one model, and at least one frame of each")
    first, *others = models
    base = next(iter(models[first].values()))
    _check_fits(models, base)
    scores = {name: {fit: pooled_score(frames) for fit, frames in fits.items()} for name, fits in models.items()}
    stacked = {name: [fits[fit] for fit in sorted(fits)] for name, fits in models.items()}
    own = {name: intervals_of_fits(fits, seed, resamples, level) for name, fits in stacked.items()}
    more = {name: difference_of_fits(stacked[first], stacked[name], seed, resamples, level) for name in others}
    means = {name: _means(list(fits.values())) for name, fits in scores.items()}
    apart = {name: {figure: _minus(means[name][figure], means[first][figure]) for figure in FIGURES} for name in more}
    return Comparison(
        definition=DEFINITION,
        frames=len(base),
        targets=next(iter(scores[first].values())).targets,
        level=level,
        resamples=resamples,
        seed=seed,
        redrawn=own[first].redrawn,
        models=tuple(
            Compared(
                name=name,
                operating_threshold=_threshold(list(fits.values())),
                figures=_estimates(means[name], own[name]),
                differences=_estimates(apart[name], more[name]) if name in more else {},
                fits={fit: headline(score) for fit, score in fits.items()} if len(fits) > 1 else {},
            )
            for name, fits in scores.items()
        ),
        changed=_changed([fits[0] for fits in stacked.values()]) if max(map(len, stacked.values())) == 1 else (),
    )


def _check_fits(models: Mapping[str, Mapping[str, Sequence[FrameCounts]]], base: Sequence[FrameCounts]) -> None:
    """Raise unless all fits are of the same frames, and models with several have those of the same names."""
    first, several = next(iter(models)), {name: set(fits) for name, fits in models.items() if len(fits) > 1}
    for name, fits in models.items():
        try:
            for frames in fits.values():
                paired(base, frames)
        except ScoreError as fault:
            raise ScoreError(f"{first} and {name} cannot be compared: {fault}") from fault
    for name, known in several.items():
        other, wanted = next(iter(several.items()))
        alone = sorted(known ^ wanted)
        if alone:
            where = other if alone[0] in wanted else name
            raise ScoreError(
                f"{other} and {name} cannot be compared: only {where} has a fit {alone[0]}; give the same fits of both"
            )


def pooled_score(frames: Sequence[FrameCounts]) -> Score:
    """The score of all frames of a fit together."""
    return score_of(pooled((frame.counts for frame in frames), frames[0].counts.threshold))


def _threshold(scores: Sequence[Score]) -> float | None:
    found = {score.operating_threshold for score in scores}
    return found.pop() if len(found) == 1 else None


def _means(scores: Sequence[Score]) -> dict[str, float | None]:
    """The headline figures, as means over fits; None where one has none."""
    own = [headline(score) for score in scores]
    values = {name: [each[name] for each in own] for name in FIGURES}
    return {
        name: None if any(value is None for value in fits) else sum(value or 0.0 for value in fits) / len(fits)
        for name, fits in values.items()
    }


def _estimates(values: Mapping[str, float | None], found: Intervals) -> dict[str, Estimate]:
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
