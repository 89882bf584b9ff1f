"""The contest: champion and challenger, as the registry returns them, scored today on the same validation frames."""

from collections.abc import Callable, Sequence

from irstd.comparison.compare import Compared, Comparison, compare
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError
from irstd.evaluation.score_card import CARD_FILE, read_card
from irstd.evaluation.scoring import score_frames
from irstd.metrics import FrameCounts
from irstd.metrics.headline import FIGURES
from irstd.project.paths import Layout
from irstd.promotion.champions import settle
from irstd.promotion.figures import Champion, Contest, Limits, Measured
from irstd.settings.project import Settings
from irstd.tracking import BUNDLE_TAG, VARIANT_TAG
from irstd.tracking.fetching import load_version
from irstd.tracking.registry import get_version
from irstd.tracking.store import Store

DECIDING = "val"
"""The split that the gate sees; test is reported and decides nothing."""


def current_champion(store: Store) -> Champion | None:
    """Return the champion, after finishing a change that was cut off; None without one.

    Raises:
        RegistryError: the registry does not answer.
    """
    number = settle(store).champion
    if number is None:
        return None
    tags = get_version(store, number).tags
    return Champion(number, tags.get(VARIANT_TAG, "?"), tags.get(BUNDLE_TAG, ""))


def limits_of(settings: Settings) -> Limits:
    """Return the limits of params.yaml."""
    return Limits(**vars(settings.budget), **vars(settings.gate))


def evaluation_set(where: Layout, variants: Sequence[str]) -> str:
    """Return the fingerprint of the validation split, on which all of these variants were evaluated.

    Raises:
        DataError: one was evaluated on other frames, or has not been evaluated.
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
    """Score versions out of the registry on the validation frames, and compare all with the first.

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


def contest_of(comparison: Comparison, metric: str) -> Contest:
    """Return the contest of a comparison of the champion, if there is one, with a challenger, which comes last."""
    *others, challenger = comparison.models
    gain = challenger.differences[metric].interval if others else None
    scale = FIGURES[metric].scale
    return Contest(
        challenger=_measured(challenger, metric),
        champion=_measured(others[0], metric) if others else None,
        gain=(scale * gain.low, scale * gain.high) if gain else None,
    )


def points(value: float | None, metric: str) -> float | None:
    """Return a score in points of 0 to 100, with the nine digits of score.json."""
    return None if value is None else float(f"{FIGURES[metric].scale * value:.9g}")


def _measured(model: Compared, metric: str) -> Measured:
    figures = {name: model.figures[name].value for name in (metric, "pd", "fa_per_mpx")}
    return Measured(points(figures[metric], metric), figures["pd"], figures["fa_per_mpx"])
