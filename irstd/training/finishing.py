"""The part of a bundle that validation decides: scores, operating threshold, calibration and curve."""

from collections.abc import Sequence
from dataclasses import replace

from irstd.datasets.sample import Sample
from irstd.evaluation.calibrating import detections_by_score, fit_calibration
from irstd.evaluation.operating import choose_operating, operating_curve
from irstd.evaluation.scoring import score_frames, scores_of
from irstd.metrics import score_of
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle


def with_validation(bundle: Bundle, detector: Detector, val: Sequence[Sample], rules: Rules | None = None) -> Bundle:
    """Return `bundle` with scores, operating threshold, calibration and curve of `detector` on validation.

    Args:
        bundle: what is known before.
        detector: the one that is deployed.
        val: the samples of the split `val`.
        rules: the operating rules; None: they are chosen.
    """
    scored = score_frames(detector, val, Rules())
    operating = rules or choose_operating(scored.counts)
    return replace(
        bundle,
        operating=operating,
        scores={"val": scores_of(score_of(scored.counts))},
        calibration=fit_calibration(detections_by_score(scored.frames), operating.threshold),
        curve=operating_curve(scored.counts),
    )
