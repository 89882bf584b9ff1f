"""Scores, surfaces, curves and overlays of made-up detectors, as the evaluation leaves them."""

from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from irstd.evaluation.score_card import ScoreCard, Scored, SplitScore, score_counts
from irstd.frames import write_png
from irstd.metrics import HSE, ScoredFrame
from irstd.report.results import Overlay, Result

CURVE = ("step", "loss", "learning_rate", "hse", "pixel", "target")


@dataclass
class Evidence:
    """The parts of results by variant."""

    scores: dict[str, ScoreCard] = field(default_factory=dict)
    surfaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    curves: dict[str, pd.DataFrame] = field(default_factory=dict)
    overlays: dict[str, list[Path]] = field(default_factory=dict)

    def add(self, name: str, noise: float, *, targets: bool = True, trained: bool = True) -> None:
        """A detector whose response is the truth under so much noise."""
        both = {split: score(noise, seed, targets) for seed, split in enumerate(("val", "test"))}
        self.surfaces[name] = {
            split: asdict(each.surface)
            | {"reliability": {"raw": asdict(each.raw), "calibrated": asdict(each.calibrated)}}
            for split, each in both.items()
        }
        made = card(name, both["val"].score, both["test"].score)
        self.scores[name] = made if trained else replace(made, trained=False, parameters=0, gmac_512=0.0)
        self.curves[name] = curve(trained)

    def results(self) -> list[Result]:
        """Return the report's input."""
        return [
            Result(
                card,
                self.surfaces[name],
                self.curves.get(name),
                [Overlay(path) for path in self.overlays.get(name, [])],
            )
            for name, card in self.scores.items()
        ]

    def draw(self, name: str, folder: Path) -> None:
        """A picture for it."""
        folder.mkdir(parents=True, exist_ok=True)
        write_png(folder / "frame & 1.png", np.full((32, 48), 90, dtype=np.uint8))
        self.overlays[name] = [folder / "frame & 1.png"]


def evidence() -> Evidence:
    """A trained and an untrained detector; the untrained one, which is worse, comes first by name."""
    made = Evidence()
    made.add("floor", 0.7, trained=False)
    made.add("learned", 0.3)
    return made


def card(name: str, val: SplitScore, test: SplitScore, distinct: SplitScore | None = None) -> ScoreCard:
    """The card of a trained detector."""
    return ScoreCard(
        variant=name,
        detector="spire",
        dataset="demo",
        evaluation_set={"val": "0123456789abcdef", "test": "fedcba9876543210"},
        trained=True,
        parameters=294_753,
        gmac_512=4.8364,
        val=val,
        test=test,
        test_distinct=distinct,
    )


@cache
def score(noise: float, seed: int, targets: bool = True) -> Scored:
    """The score of four small frames, without intervals."""
    rng = np.random.default_rng(seed)
    holder = HSE(0.6)
    for number in range(4):
        truth = np.zeros((32, 32), dtype=np.bool_)
        if targets and number:
            row, column = rng.integers(4, 26, 2)
            truth[row : row + number + 1, column : column + 2] = True
        grey = (rng.integers(40, 60, truth.shape) + 100 * truth).astype(np.uint8)
        response = np.clip(truth + noise * rng.normal(0, 0.4, truth.shape), 0, 1).astype(np.float32)
        holder.add(ScoredFrame(f"f{number}", truth, response, frame=grey))
    scored = score_counts(holder.frames, 0.6, 0, None)
    return scored._replace(score=replace(scored.score, intervals={}))


def curve(trained: bool) -> pd.DataFrame:
    """A fit of 400 steps, or none."""
    steps = [100, 200, 300, 400] if trained else []
    rows = [(step, 3.0 / step, 1e-3, 50.0 + step / 10 if step > 100 else None, None, None) for step in steps]
    return pd.DataFrame(rows, columns=list(CURVE)).astype("float64")
