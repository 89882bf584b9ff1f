"""A fit outside the pipeline: from a dataset's folder to a folder with a bundle, its curve and its scores."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irstd.datasets.canonical import PARTS, read_parts
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import Dataset, PreparedDataset
from irstd.datasets.sample import Sample
from irstd.evaluation.scoring import SCORES, score_frames
from irstd.files import make_folder, write_folder, write_text
from irstd.metrics.headline import FIGURES
from irstd.models.bundle import load_detector
from irstd.models.registry import check_detector, find_detector
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow, curve_csv
from irstd.training.jobs import FitJob, Fitted, OnRow, model_settings, run_job

Say = Callable[[str], None]
"""Shows a line to whoever waits."""


@dataclass(frozen=True)
class LoneFit:
    """A fit and the folder that it fills.

    Attributes:
        detector: name in the registry.
        model: settings of the detector.
        config: settings of the fit.
        size: side in px of a network's square input.
        out: the folder.
    """

    detector: str
    model: Mapping[str, Any]
    config: FitConfig
    size: int
    out: Path

    @property
    def bundle(self) -> Path:
        """The folder of the bundle."""
        return self.out / "bundle"

    @property
    def checkpoint(self) -> Path:
        """The state of the last validation; the fit goes on from it, and removes it at its end."""
        return self.out / "unfinished.safetensors"


def fit_dataset(fit: LoneFit, dataset: Dataset, say: Say, on_row: OnRow = lambda _: None) -> Fitted:
    """Fit on the splits train and val of a dataset; write bundle/, curve.csv and scores.json.

    Args:
        fit: what to fit, and where to write.
        dataset: raw, in the canonical form, or prepared.
        say: hears of the fit's progress.
        on_row: sees each new row of the curve.

    Raises:
        IrstdError: as `run_job`, or a file cannot be read or written.
    """
    model = model_settings(fit.detector, fit.size, fit.model)
    for warning in check_detector(fit.detector, model):
        say(f"warning: {warning}")
    frames = {split: _samples(dataset, split) for split in ("train", "val")}
    parts = read_parts(dataset.folder)
    data: dict[str, object] = {
        "dataset": dataset.info.name,
        "size": fit.size,
        "fingerprint": fingerprint(dataset.folder),
    }
    data |= {PARTS: parts} if parts else {}
    make_folder(fit.out)
    job = FitJob(fit.detector, model, fit.config, data, FileShelf(fit.checkpoint))
    work = f"{fit.config.steps} steps" if find_detector(fit.detector).loss else "no weights to fit, only a threshold"
    say(f"{fit.detector} on {dataset.info.name}: {len(frames['train'])} frames, {work}")
    if fit.checkpoint.exists():
        say(f"goes on from {fit.checkpoint}")
    teller = _Teller(fit.config, say)

    def hear(row: CurveRow) -> None:
        teller(row)
        on_row(row)

    fitted = run_job(job, frames, hear)
    _write(fit, fitted)
    for note in fitted.notes:
        say(f"note: {note}")
    fit.checkpoint.unlink(missing_ok=True)
    return fitted


def score_test(fit: LoneFit, dataset: Dataset) -> dict[str, float | None]:
    """Score the bundle on the split test, add that to scores.json and return its main figures.

    Raises:
        IrstdError: a file cannot be read or written.
    """
    loaded = load_detector(fit.bundle)
    score = score_frames(loaded.detector, dataset.samples("test"), loaded.bundle.operating).compute().to_dict()
    scores = json.loads((fit.out / "scores.json").read_text(encoding="utf-8"))
    scores["test"] = {name: value for name, value in score.items() if name != "surface"}
    write_text(fit.out / "scores.json", json.dumps(scores, indent=2) + "\n")
    return {name: score[name] for name in (*SCORES, "precision", "pd", "f1", "fa_per_mpx", "operating_threshold")}


def in_words(figures: Mapping[str, float | None]) -> str:
    """Return figures, given by their ids, in one line as tables have them."""
    known = [figure for name, figure in FIGURES.items() if name in figures]
    return ", ".join(f"{figure.title} {figure.shown(figures[figure.id])}" for figure in known)


def _samples(dataset: Dataset, split: str) -> Sequence[Sample]:
    """Return a split's samples, of a prepared dataset unread."""
    return dataset.split(split) if isinstance(dataset, PreparedDataset) else list(dataset.samples(split))


def _write(fit: LoneFit, fitted: Fitted) -> None:
    write_folder(fit.bundle, fitted.files)
    write_text(fit.out / "curve.csv", curve_csv(fitted.rows))
    write_text(fit.out / "scores.json", json.dumps({"val": dict(fitted.figures)}, indent=2) + "\n")


class _Teller:
    """A line for each validation and about every twentieth part of a fit, with the time it will still take."""

    def __init__(self, config: FitConfig, say: Say) -> None:
        self.steps, self.decides, self.say = config.steps, config.decides, say
        self.start, self.first, self.told = time.monotonic(), 0, 0

    def __call__(self, row: CurveRow) -> None:
        self.first = self.first or row.step
        if not row.scores and (row.step - self.told) * 20 < self.steps:
            return
        self.told = row.step
        done = row.step - self.first
        left = (time.monotonic() - self.start) / done * (self.steps - row.step) / 60 if done else None
        ahead = "" if left is None or row.step == self.steps else f", {left:.0f} min left"
        scored = f", validation {in_words({self.decides: row.scores[self.decides]})}" if row.scores else ""
        self.say(f"step {row.step} of {self.steps}, loss {row.loss:.5f}{scored}{ahead}")
