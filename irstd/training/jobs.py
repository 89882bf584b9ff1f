"""A fit from settings to bundle: what runs on a worker, and at `python -m irstd.training`."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from irstd.datasets.sample import Sample
from irstd.evaluation.operating import choose_operating
from irstd.evaluation.scoring import Validation, score_frames
from irstd.models import build, deployed_as, find_detector, named_files
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.training.checkpoint import Shelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow
from irstd.training.device import seeded
from irstd.training.fit import FitResult, fit

Frames = Mapping[str, Sequence[Sample]]
"""The samples of the splits `train` and `val`."""
OnRow = Callable[[CurveRow], None]


@dataclass(frozen=True)
class FitJob:
    """A fit, as plain values that travel to any machine.

    Attributes:
        detector: its name in the registry.
        model: settings of its model.
        config: of the fit.
        data: what the bundle says of the data it learned from.
        checkpoint: where the fit keeps its state; None: nowhere.
        variant: the row of params.yaml that it is for, as messages name it; empty outside of a project.
        files: contents of files that the model's settings name, by `NamedFile.name`; others are on this machine.
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
        """The variant, or the detector where there is none."""
        return self.variant or self.detector

    def drawn(self, draw: Mapping[str, Any]) -> "FitJob":
        """This job with a search's draw over it: names are model.SETTING and train.SETTING."""
        by_kind: dict[str, dict[str, Any]] = {"model": {}, "train": {}}
        for name, value in draw.items():
            kind, setting = name.split(".")
            by_kind[kind][setting] = value
        return replace(self, model={**self.model, **by_kind["model"]}, config=replace(self.config, **by_kind["train"]))

    def packed(self, draws: Iterable[Mapping[str, Any]] = ({},)) -> "FitJob":
        """This job with the files of this machine that its model names under any of `draws`: ready for another one.

        Raises:
            ModelError: one is not there.
        """
        drawn = [self.drawn(draw) for draw in draws]
        named = {each.name: each for job in drawn for each in named_files(job.detector, job.model).values()}
        return replace(self, files={name: each.find().read_bytes() for name, each in named.items()})


@dataclass(frozen=True)
class Fitted:
    """What a fit comes back with.

    Attributes:
        files: the bundle's files by name.
        figures: `hse`, `pixel`, `target` on validation.
        rows: the whole curve; empty for a detector without weights.
        notes: what went otherwise than the settings ask, in words.
    """

    files: Mapping[str, bytes]
    figures: Mapping[str, float | None]
    rows: Sequence[CurveRow] = ()
    notes: Sequence[str] = ()


def model_settings(detector: str, size: int, own: Mapping[str, Any]) -> dict[str, Any]:
    """A detector's own settings; a network with a square input takes the side that its labels are made at.

    Raises:
        UnknownNameError: no such detector.
    """
    sized = any(field.name == "size" for field in fields(find_detector(detector).settings))
    return ({"size": size} if sized else {}) | dict(own)


def run_trial(job: FitJob, frames: Frames, on_row: OnRow) -> dict[str, float | None]:
    """`hse`, `pixel` and `target` on validation of one configuration; those of the best weights of its fit."""
    with seeded(job.config.seed, job.config.threads):
        detector, result = _fit(job, frames, on_row)
        if result is None:
            return Validation(frames["val"])(detector)
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
    """The fitted detector as a bundle, its operating threshold chosen on validation."""
    with seeded(job.config.seed, job.config.threads):
        detector, result = _fit(job, frames, on_row)
        score = score_frames(detector.deployed(), frames["val"], Rules()).compute()
    figures = {"hse": score.hse, "pixel": score.pixel, "target": score.target}
    detector_name, settings = deployed_as(job.detector, job.model)
    bundle = Bundle(
        detector=detector_name,
        settings=dict(settings),
        operating=choose_operating(score),
        data={**job.data, **_taught(detector, job.config), **detector.lineage},
        scores={"val": figures},
        warnings=detector.warnings,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        save_bundle(folder, detector.deployed(), bundle)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    return Fitted(files, figures, result.rows if result else (), result.notes if result else ())


def _taught(detector: Detector, config: FitConfig) -> dict[str, str]:
    """What it learned from the frames, as its bundle names it."""
    if not detector.trained:
        return {}
    if detector.target == "mask":
        return {"masks": config.masks}
    return {"response": config.label or detector.label}


def _fit(job: FitJob, frames: Frames, on_row: OnRow) -> tuple[Detector, FitResult | None]:
    detector = _build(job)
    if not detector.trained:
        return detector, None
    validate = Validation(frames["val"])
    return detector, fit(
        detector, frames["train"], job.config, validate=validate, on_row=on_row, checkpoint=job.checkpoint
    )


def _build(job: FitJob) -> Detector:
    """The detector, from the files that came with the job where any did."""
    with tempfile.TemporaryDirectory() as scratch:
        came = {}
        for setting, each in named_files(job.detector, job.model).items():
            if each.name in job.files:
                path = Path(scratch) / f"{setting}.safetensors"
                path.write_bytes(job.files[each.name])
                came[setting] = str(path)
        return build(job.detector, {**job.model, **came})
