"""Score a bundle, of a variant or a reference, on validation and test: `evaluate NAME`."""

from functools import partial
from typing import Annotated

import typer

from pipelines.door.command import Work, command, settings_and_variant


@command
def main(
    name: Annotated[str, typer.Argument(help="A name under `variants` or `references` of params.yaml.")],
) -> Work:
    """Score a variant's bundle, or a reference, on validation and test; DVC's stage `evaluate`."""
    settings, variant = settings_and_variant(name, references=True)
    from pipelines.evaluate import evaluate

    return partial(evaluate, settings, variant, settings.references.get(variant))


from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from irstd.comparison.stored import COUNTS_FILE, write_counts
from irstd.compute.cluster import cluster
from irstd.compute.scoring import score_bundle
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset, read_near_duplicates
from irstd.datasets.sample import Sample
from irstd.evaluation.brief_table import brief_table
from irstd.evaluation.ceiling import ceiling
from irstd.evaluation.score_card import DISTINCT, SPLITS, Ceiling, ScoreCard, Scored, score_counts, write_card
from irstd.files import new_folder, write_text
from irstd.files.json_files import write_json
from irstd.frames import write_png
from irstd.frames.zoom import draw_with_zooms
from irstd.metrics import FrameCounts, pooled, score_of
from irstd.metrics.headline import headline
from irstd.metrics.judging import judge
from irstd.metrics.thresholds import HALF
from irstd.models.bundle import LoadedDetector, load_files
from irstd.models.cost import count_parameters, gmac_512
from irstd.models.folder import read_bundle
from irstd.models.predict import detect
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.settings.compute import Resources
from irstd.settings.project import Settings
from irstd.tracking.lineage import dataset_ref, open_bundle_run
from irstd.tracking.runs import metric
from irstd.tracking.store import open_store
from pipelines.door.console import say, shown
from pipelines.door.flows import stage, step

_TITLES = {"val": "validation", "test": "test"}


@stage(name="evaluate", run_name="evaluate {variant}")
def evaluate(settings: Settings, variant: str, reference: str | None = None) -> None:
    """Write scores, rows a frame and overlays, also to MLflow. A `reference` is the folder of its bundle."""
    where = Layout(settings.dataset)
    torch.set_num_threads(settings.compute.evaluate.cpus)
    bundle = Path(reference) if reference else where.bundle(variant)
    files = read_bundle(bundle)
    loaded = load_files(files, str(bundle))
    prepared = PreparedDataset.open(where.prepared)
    counted, perfect = dict[str, list[FrameCounts]](), dict[str, FrameCounts]()
    with cluster():
        for split in SPLITS:
            samples = prepared.split(split)
            counted[split] = score_split(files, samples, split, settings.compute.evaluate)
            perfect |= {frame.name: frame for frame in find_ceiling(loaded, samples)}
    near = read_near_duplicates(where.audit)
    if near:
        counted[DISTINCT] = [frame for frame in counted["test"] if frame.name not in near]
    ceilings = {split: _ceiling(perfect, frames) for split, frames in counted.items()}
    threshold, seed, map_ = loaded.bundle.operating.threshold, settings.compute.seed, loaded.bundle.calibration
    scored = {split: score_counts(frames, threshold, seed, ceilings[split], map_) for split, frames in counted.items()}
    card = _card(variant, loaded, prepared, scored, reference is not None)
    with new_folder(where.scores(variant)) as folder:  # as a whole, so that no score stands beside another's counts
        write_counts(folder / COUNTS_FILE, {split: counted[split] for split in SPLITS})
        draw(loaded, _worst(prepared, counted["test"], settings.evaluate.overlays), folder / "overlays")
        write_text(folder / "frames.csv", _rows({split: counted[split] for split in SPLITS}))
        write_json(folder / "surface.json", {split: _plotted(each) for split, each in scored.items()})
        write_json(folder / "hse.json", {split: headline(score) for split, score in card.splits.items()})
        write_card(folder, card)
        _track(where, loaded, card, folder)
    said = [", ".join(shown(getattr(card.splits[split], name), name) for name in ("hse_2", "hse")) for split in SPLITS]
    say(f"evaluate {variant}: {said[0]} on validation; {said[1]} on test")


@step(name="score", run_name="score {split}")
def score_split(
    files: Mapping[str, bytes], samples: Sequence[Sample], split: str, resources: Resources
) -> list[FrameCounts]:
    """Return the counts of a split's frames, scored by Ray workers."""
    told = 0

    def on_frames(done: int) -> None:
        nonlocal told
        if done * 4 // len(samples) > told:
            told = done * 4 // len(samples)
            say(f"  {split}: {done} of {len(samples)} frames scored")

    return score_bundle(files, samples, resources, on_frames)


@step(name="ceiling")
def find_ceiling(loaded: LoadedDetector, samples: Sequence[Sample]) -> list[FrameCounts]:
    """Return the counts of a perfect point model on a split's frames; none for a detector of masks."""
    return ceiling(samples).frames if loaded.detector.target == "response" else []


@step(name="draw")
def draw(loaded: LoadedDetector, samples: Sequence[Sample], folder: Path) -> None:
    """Draw these frames with detections and truth, and what is wrong enlarged, as the whole content of `folder`."""
    with new_folder(folder) as new:
        for sample in samples:
            found = detect(loaded.detector, sample.frame, loaded.bundle.operating)  # scores as they are evaluated
            judged = judge(found, sample.points)
            write_png(new / f"{sample.name}.png", draw_with_zooms(sample.frame, found, judged, sample.name))


def _plotted(scored: Scored) -> dict[str, Any]:
    """Return what the report plots of a split: its surface and its reliability."""
    reliability = {"raw": asdict(scored.raw), "calibrated": asdict(scored.calibrated)}
    return {**asdict(scored.surface), "reliability": reliability}


def _ceiling(perfect: Mapping[str, FrameCounts], counted: Sequence[FrameCounts]) -> Ceiling | None:
    """Return the ceiling of a point model on the counted frames; None for a detector of masks."""
    if not perfect:
        return None
    score = score_of(pooled((perfect[frame.name].counts for frame in counted), HALF))
    return Ceiling(score.hse, score.pixel, score.hse_2, score.ap_pixel)


def _worst(prepared: PreparedDataset, counted: Sequence[FrameCounts], most: int) -> list[Sample]:
    """Return the frames with most misses and false alarms, then in the order of the split."""
    rows = sorted((frame.row() for frame in counted), key=lambda row: -(row.fp + row.fn))
    return [prepared.sample(row.name) for row in rows[:most]]


def _rows(counted: Mapping[str, Sequence[FrameCounts]]) -> str:
    table = pd.DataFrame([{"split": split, **asdict(frame.row())} for split, part in counted.items() for frame in part])
    return str(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _card(
    variant: str, loaded: LoadedDetector, prepared: PreparedDataset, scored: Mapping[str, Scored], reference: bool
) -> ScoreCard:
    distinct = scored.get(DISTINCT)
    return ScoreCard(
        variant=variant,
        detector=loaded.bundle.detector,
        dataset=prepared.folder.name,
        evaluation_set={split: fingerprint(prepared.folder, split) for split in SPLITS},
        trained=loaded.detector.trained,
        parameters=count_parameters(loaded.detector),
        gmac_512=gmac_512(loaded.bundle.detector, loaded.bundle.settings, loaded.detector),
        val=scored["val"].score,
        test=scored["test"].score,
        test_distinct=distinct.score if distinct else None,
        warnings=tuple(loaded.bundle.warnings),
        reference=reference,
    )


def _told(card: ScoreCard) -> str:
    """Return the headline of a run: both scores on both splits with their 95 % intervals, and what it costs."""
    table = brief_table("", {_TITLES[split]: card.splits[split] for split in SPLITS})
    cost = f"{card.parameters / 1e6:.3f} M parameters, {card.gmac_512:.2f} GMAC at 512²"
    return f"{table}\n\n{cost}. In brackets: 95 % intervals."


def _track(where: Layout, loaded: LoadedDetector, card: ScoreCard, folder: Path) -> None:
    tracked = open_bundle_run(open_store(find_root()), dataset_ref(where), card.variant, card.detector, loaded.hash)
    tracked.describe(_told(card))
    tracked.figures({"cost/parameters_m": card.parameters / 1e6, "cost/gmac_512": card.gmac_512})
    for split, score in card.splits.items():
        errors = {name: getattr(score, name) for name in ("calibration_error", "calibration_error_raw")}
        tracked.figures({metric(split, name): value for name, value in (headline(score) | errors).items()})
    tracked.file(folder, "evaluation")
    tracked.end()
