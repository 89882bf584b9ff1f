"""Register the bundles and let the gate choose the champion: measure, register, decide, point the alias."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from irstd.data.prepared import PreparedDataset
from irstd.environment import find_root
from irstd.errors import DataError
from irstd.evaluation import score_frames
from irstd.frames import Frame
from irstd.models.bundle import LoadedDetector, load_detector
from irstd.promotion import Candidate, Champion, Decision, Limits, Verdict, decide
from irstd.settings import Settings, load_settings
from irstd.tracking import (
    BUNDLE_TAG,
    CHAMPION,
    MODEL,
    Run,
    Store,
    Version,
    alias_version,
    fetch_bundle,
    find_version,
    open_store,
    point_alias,
    register,
    tag_version,
)
from pipelines.door import run, say, stage, step
from pipelines.files import read_json, write_json
from pipelines.layout import PROMOTION, Layout
from pipelines.lineage import dataset_ref, open_variant_run

_WARM_UP, _TIMED = 3, 30


@dataclass(frozen=True)
class Entry:
    """A candidate with what promotion adds to it: its bundle's folder, its run, its measured latency."""

    candidate: Candidate
    folder: Path
    run: Run
    latency_ms: float


@stage(name="promote")
def promote(settings: Settings) -> None:
    """Champion is the best `budget.metric` on validation within the budget; verdicts go to a file and the registry.

    Doing it again with the same bundles changes nothing.
    """
    where = Layout(settings.dataset)
    torch.set_num_threads(settings.compute.fit.cpus)
    store = open_store(find_root())
    metric = settings.budget.metric
    entries = [measure(store, where, variant, metric) for variant in settings.variants]
    evaluation_set = _evaluation_set(where, list(settings.variants))
    versions = {e.candidate.bundle: register_bundle(store, e) for e in entries if e.candidate.trained}
    now = present_champion(store, where, f"{metric}.{evaluation_set[:16]}", entries)
    limits = Limits(settings.budget.parameters_m, settings.budget.gmac, _shown_metric(metric))
    decision = decide([entry.candidate for entry in entries], now, limits)
    for verdict in decision.verdicts:
        if verdict.candidate.bundle in versions:
            _tag(store, versions[verdict.candidate.bundle], verdict, f"{metric}.{evaluation_set[:16]}")
    if decision.changed and decision.champion in versions:
        point_alias(store, CHAMPION, versions[decision.champion])
    record = _record(where, entries, decision, alias_version(store, CHAMPION))
    write_json(PROMOTION, {**record, "evaluation_set": evaluation_set, "budget": settings.budget.model_dump()})
    for verdict in decision.verdicts:
        say(f"promote {verdict.candidate.variant}: {'champion' if verdict.champion else 'no'}; {_why(verdict)}")


@step(name="measure", run_name="measure {variant}")
def measure(store: Store, where: Layout, variant: str, metric: str) -> Entry:
    """The variant's figures; ms/frame is measured once a bundle and kept in its MLflow run."""
    card = read_json(where.scores(variant) / "score.json")
    loaded = load_detector(where.bundle(variant))
    tracked = open_variant_run(store, dataset_ref(where), variant)
    kept = f"latency_ms_{loaded.hash[:12]}"
    latency = tracked.figure_of(kept)
    if latency is None:
        frames = [sample.frame for sample in PreparedDataset.open(where.prepared).split("val")]
        latency = _latency_ms(loaded, frames)
        tracked.figures({kept: latency, "latency_ms": latency})
    tracked.end()
    candidate = Candidate(
        variant=variant,
        bundle=loaded.hash,
        trained=card["trained"],
        score=_points(card["val"][metric], metric),
        parameters=card["parameters"],
        gmac_512=card["gmac_512"],
    )
    return Entry(candidate, where.bundle(variant), tracked, latency)


@step(name="register")
def register_bundle(store: Store, entry: Entry) -> Version:
    """The registered version of a bundle: the one there is, or a new one."""
    candidate = entry.candidate
    found = find_version(store, candidate.bundle)
    return found or register(
        store, entry.run, entry.folder, {BUNDLE_TAG: candidate.bundle, "irstd.variant": candidate.variant}
    )


@step(name="champion")
def present_champion(store: Store, where: Layout, scored_by: str, entries: Sequence[Entry]) -> Champion | None:
    """The champion with its score on this evaluation set: one that was scored on another set is scored on this one."""
    version = alias_version(store, CHAMPION)
    if version is None:
        return None
    bundle, variant = version.tags.get(BUNDLE_TAG, ""), version.tags.get("irstd.variant", "?")
    for entry in entries:
        if entry.candidate.bundle == bundle:
            return Champion(variant, bundle, entry.candidate.score)
    scored = version.tags.get(_scored_tag(scored_by))
    if scored is None:
        say(f"promote: the champion (version {version.number}, {variant}) is scored on this validation set first")
        with tempfile.TemporaryDirectory() as scratch:
            loaded = load_detector(fetch_bundle(store, f"models:/{MODEL}/{version.number}", Path(scratch)))
            samples = PreparedDataset.open(where.prepared).split("val")
            result = score_frames(loaded.detector, samples, loaded.bundle.operating).compute().to_dict()
        metric = scored_by.split(".", maxsplit=1)[0]
        scored = str(_points(result[metric], metric))
        tag_version(store, version, {_scored_tag(scored_by): scored})
    return Champion(variant, bundle, None if scored == "None" else float(scored))


def _latency_ms(loaded: LoadedDetector, frames: Sequence[Frame]) -> float:
    """The median time from a frame in memory to its detections, in ms, on this machine's CPU."""
    times = []
    for index in range(_WARM_UP + _TIMED):
        frame = frames[index % len(frames)]
        start = time.perf_counter()
        loaded(frame)
        times.append(time.perf_counter() - start)
    return 1000.0 * statistics.median(times[_WARM_UP:])


def _evaluation_set(where: Layout, variants: Sequence[str]) -> str:
    sets = {read_json(where.scores(variant) / "score.json")["evaluation_set"]["val"] for variant in variants}
    if len(sets) != 1:
        raise DataError(f"{where.scores('*')}/score.json: scored on different validation sets; run `dvc repro` first")
    return str(sets.pop())


def _scored_tag(scored_by: str) -> str:
    """The tag of a version's score; `scored_by` is METRIC.SET, the set by the first digits of its hash."""
    return f"irstd.val.{scored_by}"


def _points(value: float | None, metric: str) -> float | None:
    """A score of 0 to 100: HSE is one, its parts are fractions. Nine digits, as score.json has them."""
    return None if value is None else float(f"{value if metric == 'hse' else 100.0 * value:.9g}")


def _shown_metric(metric: str) -> str:
    return "HSE" if metric == "hse" else metric


def _why(verdict: Verdict) -> str:
    return "; ".join(verdict.reasons)


def _tag(store: Store, version: Version, verdict: Verdict, scored_by: str) -> None:
    tags = {
        "irstd.verdict": "champion" if verdict.champion else "refused",
        "irstd.reasons": _why(verdict),
        "irstd.evaluation_set": scored_by.split(".")[1],
        _scored_tag(scored_by): str(verdict.candidate.score),
    }
    tag_version(store, version, tags, f"{verdict.candidate.variant}: {_why(verdict)}")


def _record(where: Layout, entries: Sequence[Entry], decision: Decision, champion: Version | None) -> dict[str, Any]:
    rows = [
        {
            "variant": entry.candidate.variant,
            "bundle": entry.candidate.bundle,
            "score_val": entry.candidate.score,
            "parameters": entry.candidate.parameters,
            "gmac_512": entry.candidate.gmac_512,
            "latency_ms": entry.latency_ms,
            "champion": verdict.champion,
            "reasons": list(verdict.reasons),
        }
        for entry, verdict in zip(entries, decision.verdicts, strict=True)
    ]
    holder = {"version": champion.number, "variant": champion.tags.get("irstd.variant")} if champion else None
    return {
        "dataset": where.dataset,
        "definition": "hse-1",
        "split": "val",
        "model": MODEL,
        "champion": holder,
        "candidates": rows,
    }


if __name__ == "__main__":
    run(lambda: promote(load_settings()))
