"""What the evaluation left of each variant, checked and in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from irstd.errors import ScoreError

SPLITS = ("val", "test")
DISTINCT = "test_distinct"
"""Test without near-duplicates of training or validation frames; there only where there are any."""
SPLIT_TITLES = {"val": "validation (decides)", "test": "test (reported only)"}

Card = Mapping[str, Any]
"""The content of score.json: a score (as a dict, without its surface) a split, `parameters`, `gmac_512`."""


@dataclass(frozen=True)
class Result:
    """One variant.

    Attributes:
        name: the variant's.
        card: its scores and cost.
        surface: a split's `iou`, `niou`, `f1`, `pd`, `fa_per_mpx`, as `irstd.metrics.score.Surface` has them.
        curve: of its fit: step, loss, learning_rate, hse, pixel, target; no row where nothing was trained.
        overlays: pictures of frames with what it found.
    """

    name: str
    card: Card
    surface: Mapping[str, Mapping[str, Any]]
    curve: pd.DataFrame
    overlays: Sequence[Path]


def collect(
    scores: Mapping[str, Card],
    surfaces: Mapping[str, Mapping[str, Any]],
    curves: Mapping[str, pd.DataFrame],
    overlays: Mapping[str, Sequence[Path]],
) -> list[Result]:
    """The variants of `scores`, as `ranked` orders them; curves and overlays may be missing.

    Raises:
        ScoreError: there is no variant, one lacks a split or a surface, or they were scored on different frames.
    """
    check(scores)
    for name in scores:
        if name not in surfaces or any(split not in surfaces[name] for split in SPLITS):
            raise ScoreError(f"report: {name} has no surface of {' and '.join(SPLITS)}; evaluate it first")
    return [
        Result(name, scores[name], surfaces[name], curves.get(name, pd.DataFrame()), overlays.get(name, ()))
        for name in ranked(scores)
    ]


def check(scores: Mapping[str, Card]) -> None:
    """Nothing, if `scores` can stand in one table.

    Raises:
        ScoreError: there is no variant, one lacks a score, or they were scored on different frames.
    """
    if not scores:
        raise ScoreError("report: no variant has a score; evaluate at least one")
    first = next(iter(scores))
    for name, card in scores.items():
        for part in (*SPLITS, "parameters", "gmac_512"):
            if part not in card:
                raise ScoreError(f"report: the scores of {name} lack '{part}'; evaluate it again")
        if card.get("evaluation_set") != scores[first].get("evaluation_set"):
            raise ScoreError(f"report: {name} and {first} were scored on different frames; evaluate both again")


def ranked(scores: Mapping[str, Card]) -> list[str]:
    """The variants, best HSE on validation first, undefined last, equal ones by name."""

    def rank(name: str) -> tuple[float, str]:
        hse = scores[name]["val"]["hse"]
        return (1.0 if hse is None else -float(hse), name)

    return sorted(scores, key=rank)
