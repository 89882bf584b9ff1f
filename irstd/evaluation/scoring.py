"""Scoring a detector on labelled frames."""

from collections.abc import Callable, Iterable, Sequence

from irstd.datasets.sample import Sample
from irstd.evaluation.truth import true_mask
from irstd.metrics import HSE, Score, ScoredFrame
from irstd.models.base import Detector, Rules
from irstd.models.predict import predict_ranked

SCORES = ("hse", "pixel", "target", "hse_2", "ap_pixel", "ap_target")


def score_frames(
    detector: Detector,
    samples: Iterable[Sample],
    operating: Rules,
    on_frame: Callable[[str], None] | None = None,
) -> HSE:
    """Score a detector on `samples`, frame by frame at native size; `on_frame` is called with each name.

    Raises:
        DataError: a frame has no mask to be scored against.
        ScoreError: the detector's response cannot be scored.
    """
    holder = HSE(operating.threshold)
    for sample in samples:
        truth = true_mask(sample)
        found, peaks = predict_ranked(detector, sample.frame, operating)
        given = peaks is not None
        holder.add(
            ScoredFrame(
                name=sample.name,
                truth=truth,
                response=found.response,
                detections=found.detections if given else None,
                operating=found.operating if given else None,
                frame=sample.frame,
                peaks=None if peaks is None else peaks.detections,
                peaks_response=None if peaks is None else peaks.response,
            )
        )
        if on_frame is not None:
            on_frame(sample.name)
    return holder


def scores_of(score: Score) -> dict[str, float | None]:
    """Return both scores and their parts by id."""
    return {name: getattr(score, name) for name in SCORES}


class Validation:
    """The scores of a detector during its fit: `SCORES` on the validation frames, in float32."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __call__(self, detector: Detector) -> dict[str, float | None]:
        """`hse` and `hse_2` (0 to 100) and their parts (0 to 1); None where the frames hold no target."""
        return scores_of(score_frames(detector, self.samples, Rules()).compute())
