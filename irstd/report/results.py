"""The results of all variants that a report shows, checked and in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from irstd.errors import ScoreError
from irstd.evaluation.score_card import SPLITS, ScoreCard

SPLIT_TITLES = {"val": "validation (decides)", "test": "test (reported only)"}


@dataclass(frozen=True)
class Result:
    """One variant.

    Attributes:
        name: the variant's name.
        card: its score card.
        surface: a split's `iou`, `niou`, `f1`, `pd`, `fa_per_mpx`, as `irstd.metrics.score.Surface` has them.
        curve: of its fit: step, loss, learning_rate, hse, pixel, target; no row where nothing was trained.
        overlays: pictures of frames with its detections.
    """

    name: str
    card: ScoreCard
    surface: Mapping[str, Mapping[str, Any]]
    curve: pd.DataFrame
    overlays: Sequence[Path]


def collect(
    scores: Mapping[str, ScoreCard],
    surfaces: Mapping[str, Mapping[str, Any]],
    curves: Mapping[str, pd.DataFrame],
    overlays: Mapping[str, Sequence[Path]],
) -> list[Result]:
    """Return the variants of `scores` in the order of `ranked`; curves and overlays may be missing.

    Raises:
        ScoreError: there is no variant, one has no surface, or they were scored on different frames.
    """
    check(scores)
    for name in scores:
        if name not in surfaces or any(split not in surfaces[name] for split in SPLITS):
            raise ScoreError(f"report: {name} has no surface of {' and '.join(SPLITS)}; evaluate it first")
    return [
        Result(name, scores[name], surfaces[name], curves.get(name, pd.DataFrame()), overlays.get(name, ()))
        for name in ranked(scores)
    ]


def check(scores: Mapping[str, ScoreCard]) -> None:
    """Raise unless `scores` can stand in one table.

    Raises:
        ScoreError: there is no variant, or they were scored on different frames.
    """
    if not scores:
        raise ScoreError("report: no variant has a score; evaluate at least one")
    first = next(iter(scores))
    for name, card in scores.items():
        if card.evaluation_set != scores[first].evaluation_set:
            raise ScoreError(f"report: {name} and {first} were scored on different frames; evaluate both again")


def ranked(scores: Mapping[str, ScoreCard]) -> list[str]:
    """Return the variants, best HSE on validation first, undefined last, equal ones by name."""

    def rank(name: str) -> tuple[float, str]:
        hse = scores[name].val.hse
        return (1.0 if hse is None else -hse, name)

    return sorted(scores, key=rank)
