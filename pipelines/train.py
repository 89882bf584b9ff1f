"""Fit a variant with its best configuration, as a Ray task, and keep the bundle: `train VARIANT`."""

from functools import partial
from typing import Annotated

import typer

from pipelines.door.command import Work, command, settings_and_variant


@command
def main(variant: Annotated[str, typer.Argument(help="A name under `variants` of params.yaml.")]) -> Work:
    """Fit a variant with the best configuration of its search; DVC's stage `train`."""
    asked = settings_and_variant(variant)
    from pipelines.train import train

    return partial(train, *asked)


from dataclasses import replace
from pathlib import Path

from irstd.compute.cluster import cluster
from irstd.compute.fits import FitListener, run_fit
from irstd.datasets.canonical import PARTS, read_parts
from irstd.datasets.fingerprint import fingerprint
from irstd.files import make_folder, new_folder, write_text
from irstd.files.json_files import read_json
from irstd.models.folder import files_hash
from irstd.models.registry import find_detector
from irstd.project.environment import find_root
from irstd.project.paths import STATE, Layout
from irstd.settings.compute import Resources
from irstd.settings.project import Settings
from irstd.tracking import BUNDLE_TAG
from irstd.tracking.lineage import dataset_ref, inputs_key, open_fit_run
from irstd.tracking.parameters import fit_parameters
from irstd.tracking.runs import Run, metric
from irstd.tracking.store import open_store
from irstd.training.curve import CurveRow, curve_csv
from irstd.training.jobs import FitJob, Fitted, Frames
from irstd.training.variant import check_model, fit_job, learning_frames
from pipelines.door.console import say, say_progress, shown
from pipelines.door.flows import stage, step
from pipelines.door.progress import Progress


@stage(name="train", run_name="train {variant}")
def train(settings: Settings, variant: str) -> None:
    """Fit with the search's best draw; write bundle and curve, also to MLflow."""
    where = Layout(settings.dataset)
    best = read_json(where.search(variant))["best"]
    job = fit_job(settings, variant, settings.compute.fit).drawn(best)
    warnings, decides = check_model(job), job.config.decides
    for warning in warnings:
        say(f"warning: {warning}")
    data = fingerprint(where.prepared)
    checkpoint = STATE / "fits" / f"{inputs_key(data=data, job=job)}.safetensors"
    parts = read_parts(where.prepared)
    job = replace(job, data={**job.data, "fingerprint": data, **({PARTS: parts} if parts else {})})
    tracked = open_fit_run(open_store(find_root()), dataset_ref(where), variant, job.detector, job=job)
    tracked.params({**fit_parameters(job), "profile": settings.profile})
    if warnings:
        tracked.tags({"irstd.warnings": "; ".join(warnings)})
    fits = find_detector(job.detector).loss is not None
    say(
        f"train {variant}: "
        + (f"{job.config.steps} steps" if fits else "no weights to fit, only a threshold to choose")
    )
    fitted = fit_variant(job, learning_frames(settings, job.config), settings.compute.fit, checkpoint, tracked)
    with new_folder(where.bundle(variant)) as new:  # last, so that the old bundle stays if anything fails
        for name, content in fitted.files.items():
            (new / name).write_bytes(content)
        make_folder(where.curve(variant).parent)
        write_text(where.curve(variant), curve_csv(fitted.rows))
        _log(tracked, fitted, new, where.curve(variant))
    checkpoint.unlink(missing_ok=True)
    say(f"train {variant}: {shown(fitted.figures[decides], decides)} on validation; bundle in {where.bundle(variant)}")


class TrackedFit(FitListener):
    """Logs every row of the curve to the variant's MLflow run and prints a line."""

    def __init__(self, run_: Run, job: FitJob) -> None:
        self.run, self.steps, self.decides = run_, job.config.steps, job.config.decides
        self.progress = Progress("steps")

    def row(self, row: CurveRow) -> None:
        """Log a row."""
        figures = {"loss": row.loss, "learning_rate": row.learning_rate, **row.scores}
        self.run.figures({metric("fit", name): value for name, value in figures.items()}, row.step)
        say_progress("  ", row.step, self.steps, figures, self.decides)
        self.progress.reached(row.step / self.steps, f"{row.step} of {self.steps}")

    def lost(self, line: str) -> None:
        """Print that the fit continues elsewhere."""
        say(f"  {line}")


@step(name="fit")
def fit_variant(job: FitJob, frames: Frames, resources: Resources, checkpoint: Path, tracked: Run) -> Fitted:
    """Fit on a worker; log and print the curve as it grows."""
    with cluster():
        return run_fit(job, frames, resources, checkpoint, TrackedFit(tracked, job))


def _log(tracked: Run, fitted: Fitted, bundle: Path, curve: Path) -> None:
    tracked.figures({metric("val", name): value for name, value in fitted.figures.items()})
    tracked.file(bundle, "bundle")
    if fitted.rows:
        tracked.file(curve, "curve")
    for note in fitted.notes:
        say(f"  note: {note}")
    tracked.tags(
        {BUNDLE_TAG: files_hash(fitted.files), **({"irstd.notes": "; ".join(fitted.notes)} if fitted.notes else {})}
    )
    tracked.end()
