"""Candidates: bundles with the figures that the gate reads, cost measured on this machine."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError
from irstd.evaluation.score_card import CARD_FILE, read_card
from irstd.frames import Frame
from irstd.models.bundle import LoadedDetector, load_files
from irstd.models.cost import count_parameters, gmac_512
from irstd.models.folder import read_bundle
from irstd.project.paths import Layout
from irstd.promotion.champions import WITHDRAWN_TAG
from irstd.promotion.contest import DECIDING, points
from irstd.promotion.figures import Candidate, Limits
from irstd.tracking import DETECTOR_TAG, VARIANT_TAG
from irstd.tracking.fetching import fetch_version
from irstd.tracking.lineage import dataset_ref, open_bundle_run
from irstd.tracking.registering import register
from irstd.tracking.registry import Version
from irstd.tracking.runs import Run
from irstd.tracking.store import Store

_WARM_UP, _TIMED = 3, 30
_LATENCY, _TIMED_TAG = "cost/latency_ms", "irstd.timed"


@dataclass(frozen=True)
class Registered:
    """A candidate and its version; a baseline is not registered and has none."""

    candidate: Candidate
    version: Version | None


def register_variant(store: Store, where: Layout, variant: str, limits: Limits) -> Registered:
    """Measure the bundle of a variant and register it, unless it is registered.

    Raises:
        DataError, ModelError: its bundle or its score card is missing or damaged, or the card is older than the score
            that decides.
        RegistryError: the registry refuses.
    """
    folder, card, metric = where.bundle(variant), read_card(where.scores(variant)), limits.figure
    decides = card.splits[DECIDING]
    if getattr(decides, metric) is None and decides.hse is not None:
        raise DataError(
            f"{where.scores(variant) / CARD_FILE}: was written before {limits.score_name}, by which budget.metric "
            f"decides; evaluate {variant} again (`dvc repro`)"
        )
    files = read_bundle(folder)
    loaded = load_files(files, str(folder))
    run = open_bundle_run(store, dataset_ref(where), variant, loaded.bundle.detector, loaded.hash)
    candidate = Candidate(
        variant=variant,
        bundle=loaded.hash,
        trained=card.trained,
        score=points(getattr(decides, metric), metric),
        parameters=card.parameters,
        gmac_512=card.gmac_512,
        latency_ms=_kept_latency_ms(run, loaded, where, limits),
        bundle_mb=size_mb(files),
    )
    version = None
    if candidate.trained:
        version = register(store, run, folder, {VARIANT_TAG: variant, DETECTOR_TAG: loaded.bundle.detector})
        candidate = replace(candidate, withdrawn=version.tags.get(WITHDRAWN_TAG, ""))
    run.end()
    return Registered(candidate, version)


def registered_candidate(store: Store, where: Layout, version: Version, score: float | None) -> Candidate:
    """Measure a registered version; `score` is its score out of the registry.

    Raises:
        RegistryError, ModelError: it does not load.
    """
    files = fetch_version(store, version.number)
    loaded = load_files(files, f"version {version.number}")
    return Candidate(
        variant=version.tags.get(VARIANT_TAG, loaded.bundle.detector),
        bundle=loaded.hash,
        trained=loaded.detector.trained,
        score=score,
        parameters=count_parameters(loaded.detector),
        gmac_512=gmac_512(loaded.bundle.detector, loaded.bundle.settings, loaded.detector),
        latency_ms=latency_ms(loaded, _frames(where)),
        bundle_mb=size_mb(files),
    )


def size_mb(files: Mapping[str, bytes]) -> float:
    """Return the size of a bundle's files, in 1e6 bytes."""
    return sum(len(content) for content in files.values()) / 1e6


def latency_ms(loaded: LoadedDetector, frames: Sequence[Frame]) -> float:
    """Return the median time from a frame in memory to its detections, in ms, on this machine's CPU."""
    times = []
    for index in range(_WARM_UP + _TIMED):
        frame = frames[index % len(frames)]
        start = time.perf_counter()
        loaded(frame)
        times.append(time.perf_counter() - start)
    return 1000.0 * statistics.median(times[_WARM_UP:])


def _kept_latency_ms(run: Run, loaded: LoadedDetector, where: Layout, limits: Limits) -> float:
    """Measure the latency of a bundle once and keep it in the run; measure again if it was above the limit."""
    latency = run.figure_of(_LATENCY) if run.tag_of(_TIMED_TAG) == loaded.hash else None
    if latency is None or latency > limits.latency_ms:  # the machine may have been busy
        today = latency_ms(loaded, _frames(where))
        latency = today if latency is None else min(today, latency)
        run.figures({_LATENCY: latency})
        run.tags({_TIMED_TAG: loaded.hash})
    return latency


def _frames(where: Layout) -> list[Frame]:
    """Return the first validation frames, as many as are timed."""
    samples = PreparedDataset.open(where.prepared).split(DECIDING)
    return [sample.frame for sample in samples[: _WARM_UP + _TIMED]]
