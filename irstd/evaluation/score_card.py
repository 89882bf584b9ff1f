"""The score card: score.json, which an evaluation writes and the report, the closing table and the gate read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from irstd.comparison.resampling import intervals
from irstd.errors import DataError
from irstd.evaluation.calibrating import detections_by_score
from irstd.files.json_files import read_json, write_json
from irstd.labels.calibration import Calibration
from irstd.metrics import FrameCounts, pooled, score_of
from irstd.metrics.interval import Interval
from irstd.metrics.reliability import Reliability, reliability
from irstd.metrics.score import ScoreFigures, Surface

CARD_FILE = "score.json"
SPLITS = ("val", "test")
DISTINCT = "test_distinct"
"""Test without the frames that have a near-duplicate in train or val; there only where there are any."""


def _named_ends(ends: Any) -> Any:
    """Name the ends of an interval, which score.json has as [low, high]."""
    return dict(zip(("low", "high"), ends, strict=False)) if isinstance(ends, list) else ends


@dataclass(frozen=True)
class Ceiling:
    """HSE and its pixel part of the true points on the same frames (irstd/evaluation/ceiling.py)."""

    hse: float | None
    pixel: float | None


@dataclass(frozen=True)
class SplitScore(ScoreFigures):
    """The score of one split.

    Attributes:
        intervals: the 95 % interval of each headline figure by its id; None where undefined.
        ceiling: of a point model; None for a mask model, which has none.
        calibration_error: expected calibration error of the scores that `irstd detect` writes, by the bundle's
            calibration if it has one, of the detections at the operating threshold; None without any.
        calibration_error_raw: the same of the detector's own scores.
    """

    intervals: Mapping[str, Annotated[Interval | None, BeforeValidator(_named_ends)]] = field(default_factory=dict)
    ceiling: Ceiling | None = None
    calibration_error: float | None = None
    calibration_error_raw: float | None = None


@dataclass(frozen=True)
class ScoreCard:
    """The scores of one variant or reference, with its cost.

    Attributes:
        variant: the row of params.yaml.
        detector: the entry of the registry.
        dataset: the dataset's name.
        evaluation_set: a fingerprint of the frames of each split.
        trained: False for a detector without weights.
        parameters: weights of the deployed network.
        gmac_512: multiply-accumulates for a 512 × 512 input, in 1e9.
        val, test: the scores.
        test_distinct: that of `DISTINCT`; None without near-duplicates.
        warnings: notes that a reader of the scores needs.
        reference: True for a bundle that is scored beside the variants and never promoted.
    """

    variant: str
    detector: str
    dataset: str
    evaluation_set: Mapping[str, str]
    trained: bool
    parameters: int
    gmac_512: float
    val: SplitScore
    test: SplitScore
    test_distinct: SplitScore | None = None
    warnings: tuple[str, ...] = ()
    reference: bool = False

    @property
    def splits(self) -> dict[str, SplitScore]:
        """The scores by split."""
        found = {**{split: getattr(self, split) for split in SPLITS}, DISTINCT: self.test_distinct}
        return {split: score for split, score in found.items() if score is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values as score.json has them: intervals as [low, high], no key for a split without a score."""
        plain = asdict(self)
        for split, score in self.splits.items():
            plain[split]["intervals"] = {name: each and [each.low, each.high] for name, each in score.intervals.items()}
        return {key: value for key, value in plain.items() if key != DISTINCT or value is not None}


class Scored(NamedTuple):
    """A split's score, the surface that it was reduced from, and the reliability of raw and of calibrated scores."""

    score: SplitScore
    surface: Surface
    raw: Reliability
    calibrated: Reliability


def score_counts(
    frames: Sequence[FrameCounts],
    threshold: float,
    seed: int,
    ceiling: Ceiling | None,
    calibration: Calibration | None = None,
) -> Scored:
    """Score counted frames, with intervals by bootstrap. All is decided by raw scores but `calibration_error`.

    Args:
        frames: their counts, all at the operating `threshold`.
        threshold: the operating threshold.
        seed: of the bootstrap.
        ceiling: of a point model on the same frames.
        calibration: of the bundle.
    """
    score = score_of(pooled((frame.counts for frame in frames), threshold))
    own = {each.name: getattr(score, each.name) for each in fields(ScoreFigures)}
    graded = detections_by_score(frames)
    raw, calibrated = reliability(graded, threshold), reliability(graded, threshold, calibration)
    found = SplitScore(
        **own,
        intervals=intervals(frames, seed).figures,
        ceiling=ceiling,
        calibration_error=calibrated.error,
        calibration_error_raw=raw.error,
    )
    return Scored(found, score.surface, raw, calibrated)


def write_card(folder: Path, card: ScoreCard) -> None:
    """Write score.json to `folder`.

    Raises:
        DataError: it cannot be written.
    """
    write_json(folder / CARD_FILE, card.to_dict())


def read_card(folder: Path) -> ScoreCard:
    """Read score.json from the folder of an evaluation, which has the variant's name.

    A card of an older version names its detector `variant`, or has no variant: that is then the folder's name.

    Raises:
        DataError: it is missing, or a value is missing or of another type.
    """
    path = folder / CARD_FILE
    content = read_json(path)
    if "detector" not in content and "variant" in content:
        content = {**content, "detector": content["variant"], "variant": folder.name}
    content = {"variant": folder.name, **content}
    try:
        return TypeAdapter(ScoreCard).validate_python(content)
    except ValidationError as faults:
        first = faults.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(f"{path}: {place}: {first['msg']}; evaluate {folder.name} again") from faults
