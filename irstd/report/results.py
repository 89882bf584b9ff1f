"""The results of all variants that a report shows, checked and in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from irstd.errors import ScoreError
from irstd.evaluation.score_card import ScoreCard

SPLIT_TITLES = {"val": "validation (decides)", "test": "test (reported only)"}


@dataclass(frozen=True)
class Overlay:
    """A picture of a frame with a detector's hits, misses and false alarms.

    Attributes:
        path: of the PNG.
        wrong: what is wrong in it, in a few words, such as `1 missed, 3 false alarms`; empty: nothing is known.
    """

    path: Path
    wrong: str = ""


@dataclass(frozen=True)
class Result:
    """One variant.

    Attributes:
        card: its score card.
        surface: a split's `iou`, `niou`, `f1`, `pd`, `fa_per_mpx`, as `irstd.metrics.score.Surface` has them, and its
            `reliability`: that of the `raw` scores and of the `calibrated` ones; older evaluations have none.
        curve: of its fit: step, loss, learning_rate and scores; no row or None where nothing was trained.
        overlays: pictures of frames with its detections, the worst frame first.
    """

    card: ScoreCard
    surface: Mapping[str, Mapping[str, Any]]
    curve: pd.DataFrame | None
    overlays: Sequence[Overlay]

    @property
    def name(self) -> str:
        """The variant's name."""
        return self.card.variant


def ranked(cards: Iterable[ScoreCard], decides: str) -> list[ScoreCard]:
    """Return the cards for one table, the best on validation first, undefined last, equal ones by name.

    Args:
        cards: of the variants and references.
        decides: the id of the headline figure that decides.

    Raises:
        ScoreError: there is none, or they were scored on different frames.
    """
    found = sorted(cards, key=lambda card: (_falling(getattr(card.val, decides)), card.variant))
    if not found:
        raise ScoreError("report: no variant has a score; evaluate at least one")
    for card in found[1:]:
        if card.evaluation_set != found[0].evaluation_set:
            names = f"{found[0].variant} and {card.variant}"
            raise ScoreError(f"report: {names} were scored on different frames; evaluate both again")
    return found


def _falling(value: float | None) -> float:
    return 1.0 if value is None else -value
