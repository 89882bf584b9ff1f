"""Score a bundle, a variant's or a reference's, on validation and test: HSE and its parts, rows a frame, overlays:
`evaluate NAME`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from irstd.comparison.resampling import intervals
from irstd.comparison.stored import COUNTS_FILE, write_counts
from irstd.compute import cluster, score_bundle
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset, read_near_duplicates
from irstd.datasets.sample import Sample
from irstd.evaluation.ceiling import ceiling
from irstd.files import new_folder, write_text
from irstd.files.json_files import write_json
from irstd.frames import write_png
from irstd.frames.overlay import draw_overlay
from irstd.metrics import FrameCounts, pooled, score_of
from irstd.metrics.thresholds import HALF
from irstd.models.bundle import LoadedDetector, load_files, read_bundle
from irstd.models.cost import COMPARED_AT, count_gmac, count_parameters
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.settings.compute import Resources
from irstd.settings.project import Settings
from irstd.tracking import BUNDLE_TAG, Run, open_store
from irstd.tracking.lineage import dataset_ref, open_variant_run
from pipelines.door import run, say, settings_and_variant, shown, stage, step

SPLITS = ("val", "test")
DISTINCT = "test_distinct"
"""Test without the frames that have a near-duplicate in train or val."""
HEADLINE = ("hse", "pixel", "target", "precision", "pd", "f1", "fa_per_mpx")
"""What DVC shows as metrics; score.json has everything."""


@stage(name="evaluate", run_name="evaluate {variant}")
def evaluate(settings: Settings, variant: str, reference: str | None = None) -> None:
    """Scores, rows, overlays; all of it in the variant's MLflow run too. A `reference` is the folder of its bundle."""
    where = Layout(settings.dataset)
    torch.set_num_threads(settings.compute.evaluate.cpus)
    bundle = Path(reference) if reference else where.bundle(variant)
    files = read_bundle(bundle)
    loaded = load_files(files, str(bundle))
    prepared = PreparedDataset.open(where.prepared)
    counted, perfect = dict[str, list[FrameCounts]](), dict[str, FrameCounts]()
    with cluster():
        for split in SPLITS:
            samples = prepared.split(split)  # the one time that they are decoded
            counted[split] = score_split(files, samples, split, settings.compute.evaluate)
            perfect |= {frame.name: frame for frame in find_ceiling(loaded, samples)}
            worst = _worst(samples, counted[split], settings.evaluate.overlays)  # those of test, the last split, stay
    near = read_near_duplicates(prepared.folder)
    if near:
        counted[DISTINCT] = [frame for frame in counted["test"] if frame.name not in near]
    ceilings = {split: _ceiling(perfect, frames) for split, frames in counted.items()}
    threshold, seed = loaded.bundle.operating.threshold, settings.compute.seed
    scores = {
        split: {**_score(frames, threshold, seed), "ceiling": ceilings[split]} for split, frames in counted.items()
    }
    card = {**_card(loaded, prepared, where), "reference": reference is not None}
    with new_folder(where.scores(variant)) as folder:  # as a whole, so that no score stands beside another's counts
        write_counts(folder / COUNTS_FILE, {split: counted[split] for split in SPLITS})
        draw(loaded, worst, folder / "overlays")
        _write(folder, _rows({split: counted[split] for split in SPLITS}), scores, card)
        tracked = open_variant_run(open_store(find_root()), dataset_ref(where), variant)
        tracked.tags({BUNDLE_TAG: loaded.hash, "irstd.variant": variant})
        _track(tracked, folder, scores)
    say(f"evaluate {variant}: HSE {shown(scores['val']['hse'])} on validation, {shown(scores['test']['hse'])} on test")


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
    """Overlays of these frames, detections and truth, as the whole content of `folder`."""
    with new_folder(folder) as new:
        for sample in samples:
            write_png(new / f"{sample.name}.png", draw_overlay(sample.frame, loaded(sample.frame), sample.points))


def _score(frames: Sequence[FrameCounts], threshold: float, seed: int) -> dict[str, Any]:
    """The score of some frames, and the 95 % interval of each figure as [low, high], None where undefined."""
    score = score_of(pooled((frame.counts for frame in frames), threshold)).to_dict()
    found = intervals(frames, seed).figures
    return {**score, "intervals": {name: [each.low, each.high] if each else None for name, each in found.items()}}


def _ceiling(perfect: Mapping[str, FrameCounts], counted: Sequence[FrameCounts]) -> dict[str, float | None] | None:
    """Return `hse` and `pixel` of a perfect point model on the counted frames; None for a detector of masks."""
    if not perfect:
        return None
    score = score_of(pooled((perfect[frame.name].counts for frame in counted), HALF))
    return {"hse": score.hse, "pixel": score.pixel}


def _worst(samples: Sequence[Sample], counted: Sequence[FrameCounts], most: int) -> list[Sample]:
    """The frames worth a look: those with most misses and false alarms, then in the order of the split."""
    wrong = {row.name: row.fp + row.fn for row in (frame.row() for frame in counted)}
    return sorted(samples, key=lambda sample: -wrong[sample.name])[:most]


def _rows(counted: Mapping[str, Sequence[FrameCounts]]) -> str:
    table = pd.DataFrame([{"split": split, **asdict(frame.row())} for split, part in counted.items() for frame in part])
    return str(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _card(loaded: LoadedDetector, prepared: PreparedDataset, where: Layout) -> dict[str, Any]:
    """What the report and the gate need besides scores."""
    sets = {split: fingerprint(prepared.folder, split) for split in SPLITS}
    return {
        "detector": loaded.bundle.detector,
        "dataset": where.dataset,
        "evaluation_set": sets,
        "trained": loaded.detector.trained,
        "warnings": list(loaded.bundle.warnings),
        "parameters": count_parameters(loaded.detector),
        "gmac_512": count_gmac(loaded.detector, COMPARED_AT),
    }


def _write(folder: Path, rows: str, scores: Mapping[str, Mapping[str, Any]], card: Mapping[str, Any]) -> None:
    write_text(folder / "frames.csv", rows)
    write_json(folder / "surface.json", {split: score["surface"] for split, score in scores.items()})
    plain = {split: {name: score[name] for name in score if name != "surface"} for split, score in scores.items()}
    write_json(folder / "score.json", {**card, **plain})
    write_json(
        folder / "hse.json", {split: {name: score[name] for name in HEADLINE} for split, score in scores.items()}
    )


def _track(tracked: Run, folder: Path, scores: Mapping[str, Mapping[str, Any]]) -> None:
    for split, score in scores.items():
        tracked.figures({f"{split}_{name}": score[name] for name in HEADLINE})
    tracked.file(folder, "evaluation")
    tracked.end()


def _work() -> None:
    settings, name = settings_and_variant(references=True)
    evaluate(settings, name, settings.references.get(name))


if __name__ == "__main__":
    run(_work)
