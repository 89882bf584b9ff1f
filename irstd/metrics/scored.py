"""The input of the score: one frame, checked."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.labels.reaching import reaches


@dataclass(frozen=True)
class ScoredFrame:
    """One frame with its truth and the output of a detector, all at the frame's native size.

    Attributes:
        name: the frame's name, for messages and rows.
        truth: (H, W), any nonzero pixel is target.
        response: float32 (H, W) in [0, 1].
        detections: of point models, from 0.1 up; None: components of the response (mask models).
        operating: of point models, by their operating rules; None: the detections that reach the operating threshold.
        frame: (H, W) or (H, W, 3) grey levels, for local contrast; None: targets are not counted by contrast.
        peaks: of point models, for hse-2: the 64 highest, whatever their scores; None: `detections`.
        peaks_response: float32 (H, W) in [0, 1], the response that those become; None: `response`.
    """

    name: str
    truth: NDArray[np.bool_]
    response: NDArray[np.float32]
    detections: Detections | None = None
    operating: Detections | None = None
    frame: Frame | None = None
    peaks: Detections | None = None
    peaks_response: NDArray[np.float32] | None = None


def checked(given: ScoredFrame, threshold: float) -> ScoredFrame:
    """`given` with truth as bool, response as float32 and `operating` filled in for point models.

    Raises:
        ScoreError: something cannot be scored; the message names the frame.
    """
    name = given.name or "unnamed frame"
    truth = _mask(given.truth, name)
    response = _response(given.response, truth.shape, name)
    if given.frame is not None and given.frame.shape[:2] != truth.shape:
        raise ScoreError(
            f"{name}: the frame is {_size(given.frame.shape)}, its truth {_size(truth.shape)}; give both at native size"
        )
    operating, peaks_response = _operating(given, threshold, name), given.peaks_response
    if given.peaks is not None:
        if given.detections is None:
            raise ScoreError(f"{name}: peaks came without detections; give both, or none for a mask model")
        _check_detections(given.peaks, name)
    if peaks_response is not None:
        peaks_response = _response(peaks_response, truth.shape, name)
    return replace(given, truth=truth, response=response, operating=operating, peaks_response=peaks_response)


def _mask(truth: Any, name: str) -> NDArray[np.bool_]:
    values = np.asarray(truth)
    mask: NDArray[np.bool_] = values if values.dtype == np.bool_ else values != 0
    if mask.ndim != 2 or mask.size == 0:
        raise ScoreError(f"{name}: truth must be (H, W) with at least one pixel, got shape {mask.shape}")
    return mask


def _response(response: Any, shape: tuple[int, ...], name: str) -> NDArray[np.float32]:
    values = np.asarray(response)
    if values.dtype.kind not in "buif":
        raise ScoreError(f"{name}: response must be float32, got {values.dtype}")
    if values.shape != shape:
        raise ScoreError(
            f"{name}: response is {_size(values.shape)}, its truth {_size(shape)}; bring it to the frame's native size"
        )
    rounded = values.astype(np.float32, copy=False)
    low, high = float(rounded.min()), float(rounded.max())  # NaN where there is any
    if np.isnan(low):
        raise ScoreError(f"{name}: response holds {int(np.isnan(rounded).sum())} NaN; every pixel needs a number")
    if low < 0 or high > 1:
        raise ScoreError(f"{name}: response must lie in [0, 1], got {low:.6g} to {high:.6g}; clip or rescale it")
    return rounded


def _operating(given: ScoredFrame, threshold: float, name: str) -> Detections | None:
    if given.detections is None:
        if given.operating is not None:
            raise ScoreError(
                f"{name}: operating detections came without detections; give both, or none for a mask model"
            )
        return None
    _check_detections(given.detections, name)
    if given.operating is None:
        return given.detections.reaching(threshold)
    _check_detections(given.operating, name)
    weak = ~reaches(given.operating.scores, threshold)
    if weak.any():
        raise ScoreError(
            f"{name}: an operating detection scores {given.operating.scores[weak].min():.6g}, "
            f"below the operating threshold {threshold:g}; give the threshold that the operating rules used"
        )
    return given.operating


def _check_detections(detections: Detections, name: str) -> None:
    points, scores = detections.points, detections.scores
    if scores.ndim != 1 or points.shape != (len(scores), 2):
        raise ScoreError(
            f"{name}: detections need points (n, 2) and scores (n,), got {points.shape} and {scores.shape}"
        )
    if not np.isfinite(points).all():
        raise ScoreError(f"{name}: a detection's point is no number; every detection needs x and y")
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ScoreError(f"{name}: detection scores must lie in [0, 1], got {scores.min():.6g} to {scores.max():.6g}")


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(str(length) for length in shape) or "a single number"
