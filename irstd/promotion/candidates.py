"""What the gate is given: a bundle's cost, and challenger and champion scored today on the same validation frames."""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from irstd.comparison.compare import Compared, Comparison, compare
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError
from irstd.evaluation.score_card import CARD_FILE, read_card
from irstd.evaluation.scoring import score_frames
from irstd.frames import Frame
from irstd.metrics import FrameCounts
from irstd.metrics.headline import FIGURES
from irstd.models.bundle import LoadedDetector, load_detector
from irstd.models.cost import COMPARED_AT, count_gmac, count_parameters
from irstd.project.paths import Layout
from irstd.promotion import Candidate, Champion, Contest, Limits, Measured
from irstd.promotion.champions import settle
from irstd.settings.project import Settings
from irstd.tracking import BUNDLE_TAG, Store, Version, fetch_version, get_version, load_version

DECIDING = "val"
"""The split that the gate sees; test is reported and decides nothing."""

_WARM_UP, _TIMED = 3, 30


def present_champion(store: Store) -> Champion | None:
    """Who is champion now, after what was cut off has been settled.

    Raises:
        RegistryError: the registry does not answer.
    """
    number = settle(store).champion
    if number is None:
        return None
    tags = get_version(store, number).tags
    return Champion(number, tags.get("irstd.variant", "?"), tags.get(BUNDLE_TAG, ""))


def limits_of(settings: Settings) -> Limits:
    """Return the limits of params.yaml."""
    return Limits(**vars(settings.budget), **vars(settings.gate))


def evaluation_set(where: Layout, variants: Sequence[str]) -> str:
    """The fingerprint of the validation split, which all of these variants were evaluated on.

    Raises:
        DataError: one was evaluated on other frames, or has not been.
    """
    today = fingerprint(where.prepared, DECIDING)
    for variant in variants:
        if read_card(where.scores(variant)).evaluation_set.get(DECIDING) != today:
            path = where.scores(variant) / CARD_FILE
            raise DataError(
                f"{path}: scored on another validation set than {where.prepared} has; run `dvc repro` first"
            )
    return today


def compare_today(
    store: Store, where: Layout, versions: Sequence[str], seed: int, tell: Callable[[str], None]
) -> Comparison:
    """The versions, as they come out of the registry, on the validation frames; all are compared with the first.

    Raises:
        RegistryError, ModelError: one does not load.
        DataError, ScoreError: one cannot be scored.
    """
    counted: dict[str, list[FrameCounts]] = {}
    for number in versions:
        tell(f"version {number} is scored on validation")
        loaded = load_version(store, number)
        samples = PreparedDataset.open(where.prepared).split(DECIDING)
        counted[number] = score_frames(loaded.detector, samples, loaded.bundle.operating).frames
    return compare(counted, seed)


def contest_of(comparison: Comparison, challenger: str, metric: str) -> Contest:
    """What the gate sees of a comparison of the champion, if there is one, with a challenger."""
    models = {model.name: model for model in comparison.models}
    mine = models.pop(challenger)
    champion = next(iter(models.values()), None)
    gain = mine.differences[metric].interval if champion else None
    return Contest(
        challenger=_measured(mine, metric),
        champion=_measured(champion, metric) if champion else None,
        gain=None if gain is None else (FIGURES[metric].scale * gain.low, FIGURES[metric].scale * gain.high),
    )


def points(value: float | None, metric: str) -> float | None:
    """A score of 0 to 100: HSE is one, its parts are fractions. Nine digits, as score.json has them."""
    return None if value is None else float(f"{FIGURES[metric].scale * value:.9g}")


def bundle_mb(folder: Path) -> float:
    """The size of a bundle's files, in 1e6 bytes."""
    return sum(path.stat().st_size for path in folder.iterdir()) / 1e6


def latency_ms(loaded: LoadedDetector, frames: Sequence[Frame]) -> float:
    """The median time from a frame in memory to its detections, in ms, on this machine's CPU."""
    times = []
    for index in range(_WARM_UP + _TIMED):
        frame = frames[index % len(frames)]
        start = time.perf_counter()
        loaded(frame)
        times.append(time.perf_counter() - start)
    return 1000.0 * statistics.median(times[_WARM_UP:])


def deciding_frames(where: Layout) -> list[Frame]:
    """The frames that latency is measured on."""
    return [sample.frame for sample in PreparedDataset.open(where.prepared).split(DECIDING)]


def registered_candidate(store: Store, where: Layout, version: Version, score: float | None) -> Candidate:
    """A version as a candidate, all measured today; `score` is what it scored out of the registry.

    Raises:
        RegistryError, ModelError: it does not load.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = fetch_version(store, version.number, Path(scratch))
        loaded, size = load_detector(folder), bundle_mb(folder)
    return Candidate(
        variant=version.tags.get("irstd.variant", loaded.bundle.detector),
        bundle=loaded.hash,
        trained=loaded.detector.trained,
        score=score,
        parameters=count_parameters(loaded.detector),
        gmac_512=count_gmac(loaded.detector, COMPARED_AT),
        latency_ms=latency_ms(loaded, deciding_frames(where)),
        bundle_mb=size,
    )


def _measured(model: Compared, metric: str) -> Measured:
    figures = {name: model.figures[name].value for name in (metric, "pd", "fa_per_mpx")}
    return Measured(points(figures[metric], metric), figures["pd"], figures["fa_per_mpx"])
