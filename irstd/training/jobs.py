"""A fit from settings to bundle, as a worker or `python -m irstd.training` runs it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from irstd.datasets.sample import Sample
from irstd.errors import TrainingError
from irstd.evaluation.scoring import Validation
from irstd.frames import is_deep
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, bundle_files
from irstd.models.registry import build, deployed_as, find_detector, named_files
from irstd.training.cached import Cached, sample_bytes, with_cache
from irstd.training.checkpoint import Shelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow
from irstd.training.device import seeded
from irstd.training.finishing import with_validation
from irstd.training.fit import FitResult, fit
from irstd.training.start import load_start, start_files, start_from

Frames = Mapping[str, Sequence[Sample]]
"""The samples of the splits `train` and `val`, in memory or each read when it is asked for."""
OnRow = Callable[[CurveRow], None]


@dataclass(frozen=True)
class FitJob:
    """A fit, as plain values that can be sent to any machine.

    Attributes:
        detector: name in the registry.
        model: settings of the detector.
        config: settings of the fit.
        data: description of the training data for the bundle.
        checkpoint: store of the fit's state; None: it is not stored.
        variant: name of the row of params.yaml, for messages; empty outside of a project.
        files: contents of files that the settings name, by `NamedFile.name` or `start_files`; others are read on this
            machine.
    """

    detector: str
    model: Mapping[str, Any]
    config: FitConfig
    data: Mapping[str, Any]
    checkpoint: Shelf | None = None
    variant: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The variant, else the detector."""
        return self.variant or self.detector

    def drawn(self, draw: Mapping[str, Any]) -> "FitJob":
        """Return this job with the settings of a search's draw: names are model.SETTING and train.SETTING."""
        by_kind: dict[str, dict[str, Any]] = {"model": {}, "train": {}}
        for name, value in draw.items():
            kind, setting = name.split(".")
            by_kind[kind][setting] = value
        return replace(self, model={**self.model, **by_kind["model"]}, config=replace(self.config, **by_kind["train"]))

    def packed(self, draws: Iterable[Mapping[str, Any]] = ({},)) -> "FitJob":
        """Return this job with the contents of the files that its settings name under any of `draws`.

        Raises:
            ModelError: a file is missing.
        """
        drawn = [self.drawn(draw) for draw in draws]
        named = {each.name: each for job in drawn for each in named_files(job.detector, job.model).values()}
        files = {name: each.find().read_bytes() for name, each in named.items()}
        for start in sorted({job.config.start for job in drawn if job.config.start is not None}):
            files |= start_files(start)
        return replace(self, files=files)


@dataclass(frozen=True)
class Fitted:
    """Outcome of a fit.

    Attributes:
        files: the bundle's files by name.
        figures: both scores and their parts on validation.
        rows: the whole curve; empty for a detector without weights.
        notes: deviations from the settings, as sentences.
    """

    files: Mapping[str, bytes]
    figures: Mapping[str, float | None]
    rows: Sequence[CurveRow] = ()
    notes: Sequence[str] = ()


def model_settings(detector: str, size: int, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detector's settings; a network with a square input gets the side that labels are drawn at.

    Raises:
        UnknownNameError: no such detector.
    """
    sized = any(field.name == "size" for field in fields(find_detector(detector).settings))
    return ({"size": size} if sized else {}) | dict(own)


def run_trial(job: FitJob, frames: Frames, on_row: OnRow) -> dict[str, float | None]:
    """Fit one configuration; return the scores of its best weights on validation."""
    frames = with_cache(frames)
    with seeded(job.config.seed, job.config.threads):
        detector, result = _fit(job, frames, on_row)
        if result is None:
            return _validation(detector, frames)(detector)
        return dict(next(row.scores for row in result.rows if row.step == result.step))


def run_draw(
    job: FitJob,
    draw: Mapping[str, Any],
    frames: Frames,
    report: Callable[[int, Mapping[str, float | None]], None],
    checkpoint: Shelf,
) -> dict[str, float | None]:
    """Run one configuration of a search: the job with the draw's overrides; `report` hears each row of its curve."""
    drawn = replace(job.drawn(draw), checkpoint=checkpoint)
    return run_trial(drawn, frames, lambda row: report(row.step, {"loss": row.loss, **row.scores}))


def run_job(job: FitJob, frames: Frames, on_row: OnRow) -> Fitted:
    """Fit a detector; choose its operating threshold and its calibration on validation; return its bundle."""
    frames = with_cache(frames)
    with seeded(job.config.seed, job.config.threads):
        detector, result = _fit(job, frames, on_row)
        name, settings = deployed_as(job.detector, job.model)
        data = {**job.data, **_label_rule(detector, job.config), **detector.lineage}
        rules = _operating(job, detector)
        described = Bundle(name, dict(settings), rules or Rules(), data, warnings=detector.warnings)
        bundle = with_validation(described, detector.deployed(), frames["val"], rules)
    files = bundle_files(detector.deployed(), bundle)
    return Fitted(files, bundle.scores["val"], result.rows if result else (), result.notes if result else ())


def _operating(job: FitJob, detector: Detector) -> Rules | None:
    """Return the paper's own rules where the job asks for them."""
    return detector.deployed().rules if job.config.operating == "paper" else None


def _label_rule(detector: Detector, config: FitConfig) -> dict[str, str]:
    """Return the label rule that the detector was trained with, for its bundle."""
    if not detector.trained:
        return {}
    if detector.target != "response":
        return {"masks": config.masks}
    return {"response": config.label or detector.label}


def _fit(job: FitJob, frames: Frames, on_row: OnRow) -> tuple[Detector, FitResult | None]:
    detector = _build(job, frames)
    if job.config.operating == "paper" and detector.deployed().rules is None:
        raise TrainingError(f"train.operating: the paper of {job.detector} states no rules; set it to validation")
    if not detector.trained:
        return detector, None
    validate = _validation(detector, frames)
    config = replace(job.config, start=detector.lineage.get("start"))  # the hash: a checkpoint is of these very weights
    return detector, fit(detector, frames["train"], config, validate=validate, on_row=on_row, checkpoint=job.checkpoint)


def _validation(detector: Detector, frames: Frames) -> Validation:
    """Return the validation of a fit; its deep frames become levels once, not at every look."""
    val = frames["val"]

    def make(index: int) -> Sample:
        sample = val[index]
        return replace(sample, frame=detector.input.eight_bit(sample.frame))

    return Validation(Cached(make, len(val), sample_bytes))


def _build(job: FitJob, frames: Frames) -> Detector:
    """Build the detector, with the weights it starts from; files that came with the job go in by their content.

    Where a frame is deep it reads deep frames by `map_deep`; else as its own input rule says.
    """
    named = named_files(job.detector, job.model)
    came = {setting: job.files[each.name] for setting, each in named.items() if each.name in job.files}
    detector = build(job.detector, {**job.model, **came})
    if job.config.start is not None and detector.trained:
        start_from(detector, load_start(job.config.start, job.files, job.detector, job.model))
    if any(is_deep(sample.frame) for samples in frames.values() for sample in samples):
        for part in (detector, detector.deployed()):
            part.input = replace(part.input, deep="local")
    return detector
