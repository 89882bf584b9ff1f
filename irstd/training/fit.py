"""One fit: from initial weights to those with the best validation score."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from irstd.datasets.sample import Sample
from irstd.errors import TrainingError
from irstd.models.base import Detector
from irstd.training import checkpoint as checkpoints
from irstd.training.checkpoint import Best, Progress, Shelf
from irstd.training.config import FitConfig
from irstd.training.crops import Batch, Crops
from irstd.training.curve import CurveRow
from irstd.training.device import onednn_for_1x1, seeded
from irstd.training.learner import Learner

Validate = Callable[[Detector], Mapping[str, float | None]]
"""Scores of a detector on the validation frames, None where undefined; it leaves the weights alone."""


_LATER = ("decides", "invert", "calm", "zoom", "operating", "start", "unscaled", "bad_pixels", "hard_negatives")
"""Settings that checkpoints of older code do not hold; their defaults are what that code did."""


@dataclass(frozen=True)
class FitResult:
    """Result of a fit.

    Attributes:
        weights: the kept state by name, contiguous, on the CPU; the detector holds the same.
        step: steps done when they were taken.
        score: their deciding score on validation; None without validation or where it could not be computed.
        rows: the whole curve.
        notes: deviations from the settings, as sentences.
    """

    weights: dict[str, Tensor]
    step: int
    score: float | None
    rows: tuple[CurveRow, ...]
    notes: tuple[str, ...]


def fit(  # noqa: PLR0913 (three are optional hooks)
    detector: Detector,
    train: Sequence[Sample],
    config: FitConfig,
    *,
    validate: Validate | None = None,
    on_row: Callable[[CurveRow], None] | None = None,
    checkpoint: Shelf | None = None,
) -> FitResult:
    """Train `detector` in place; it ends in eval mode on the CPU, with the averaged weights that scored best.

    The weights are validated every `validate_every` steps and at the end. The best `config.decides` is kept, the
    earlier of two equal ones; without any score, the last. Same first weights, frames and settings give the same
    bytes on one CPU with one thread count.

    Args:
        detector: with its first weights; build it inside `seeded`.
        train: frames with points or masks.
        config: the settings.
        validate: scores the averaged weights.
        on_row: sees each new row of the curve.
        checkpoint: written at each validation. Where there is one the fit goes on from it, to the same bytes as if it
            had never stopped; its earlier rows are not shown to `on_row` again.

    Raises:
        TrainingError: the loss is not finite, the detector cannot learn, the frames cannot be trained on, or the
            checkpoint is of another fit.
        SettingsError: the crop does not fit the detector.
        ComputeError: a GPU is asked for and there is none.
    """
    if not any(weight.requires_grad for weight in detector.parameters()):
        raise TrainingError(f"{type(detector).__name__}: has no weights to train; leave it out of the training")
    with seeded(config.seed, config.threads), onednn_for_1x1(detector):
        crops = Crops(detector, train, config)
        run = _Run(Learner(detector, config), validate, on_row, checkpoint, _origin(detector, crops, config))
        best = run.finish(crops)
    detector.to("cpu").to(memory_format=torch.contiguous_format).eval().load_state_dict(best.weights)
    return FitResult(best.weights, best.step, best.score, run.progress.rows, run.learner.notes)


@dataclass
class _Run:
    """State of a running fit; `progress` holds its rows and best weights, and tensors only while read or written."""

    learner: Learner
    validate: Validate | None
    on_row: Callable[[CurveRow], None] | None
    checkpoint: Shelf | None
    origin: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.progress = Progress(step=0, rows=(), best=None, state={}, scaler={})
        found = None if self.checkpoint is None else checkpoints.read(self.checkpoint, self.origin)
        if found is not None:
            self.learner.restore(found.state, found.scaler)
            self.progress = replace(found, state={})

    def finish(self, crops: Crops) -> Best:
        """Return the kept weights after the last step."""
        config, losses = self.learner.config, []
        for step, batch in _batches(crops, self.progress.step, config.steps):
            losses.append(self.learner.learn(step, batch))
            done = step + 1
            due = done % config.validate_every == 0 or done == config.steps
            if due or done % config.row_every == 0:
                row = CurveRow(done, sum(losses) / len(losses), self.learner.rate(step))
                self._add(self._validated(row) if due else row)
                losses = []
            if due:
                self._save()
        if self.progress.best is None:
            raise TrainingError(f"{self.checkpoint}: a finished fit without weights; remove it")
        return self.progress.best

    def _validated(self, row: CurveRow) -> CurveRow:
        """Add validation scores to `row`; keep the averaged weights if they are the best so far."""
        scores = {} if self.validate is None else dict(self.validate(self.learner.average.detector))
        score = None if self.validate is None else scores[self.learner.config.decides]
        best = self.progress.best
        if best is None or best.score is None or (score is not None and score > best.score):
            best = Best(step=row.step, score=score, weights=self.learner.averaged())
        self.progress = replace(self.progress, best=best)
        return replace(row, scores=scores)

    def _add(self, row: CurveRow) -> None:
        self.progress = replace(self.progress, step=row.step, rows=(*self.progress.rows, row))
        if self.on_row is not None:
            self.on_row(row)

    def _save(self) -> None:
        if self.checkpoint is not None:
            whole = replace(self.progress, state=self.learner.state(), scaler=self.learner.scaler.state_dict())
            checkpoints.write(self.checkpoint, whole, self.origin)


def _batches(crops: Crops, first: int, steps: int) -> Iterator[tuple[int, Batch]]:
    """Steps `first` to `steps` − 1 with their batches; the next one is cut in a thread while the current one runs."""
    if first >= steps:
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        ahead = pool.submit(crops.batch, first)
        for step in range(first, steps):
            batch = ahead.result()
            if step + 1 < steps:
                ahead = pool.submit(crops.batch, step + 1)
            yield step, batch


def _origin(detector: Detector, crops: Crops, config: FitConfig) -> dict[str, Any]:
    """Return what a checkpoint must match: settings, frames and the detector's form."""
    form = {name: list(tensor.shape) for name, tensor in detector.state_dict().items()}
    settings = asdict(config)
    for name in _LATER:  # checkpoints from before there was a choice have no such entry
        if settings[name] == getattr(FitConfig, name):
            del settings[name]
    return {**settings, "detector": type(detector).__name__, "frames": crops.digest(), "form": form}
