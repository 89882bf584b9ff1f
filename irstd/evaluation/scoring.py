"""A detector's score over labelled frames."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.metrics import HSE, ScoredFrame
from irstd.models.base import Detector, Rules
from irstd.models.predict import predict


def score_frames(
    detector: Detector,
    samples: Iterable[Sample],
    operating: Rules,
    on_frame: Callable[[str], None] | None = None,
) -> HSE:
    """The holder of hse-1 over `samples`, frame by frame at native size; `on_frame` hears each name.

    Raises:
        DataError: a frame has no mask to be scored against.
        ScoreError: the detector's response cannot be scored.
    """
    holder = HSE(operating.threshold)
    for sample in samples:
        truth = true_mask(sample)
        found = predict(detector, sample.frame, operating)
        given = detector.target == "response"
        holder.add(
            ScoredFrame(
                name=sample.name,
                truth=truth,
                response=found.response,
                detections=found.detections if given else None,
                operating=found.operating if given else None,
                frame=sample.frame,
            )
        )
        if on_frame is not None:
            on_frame(sample.name)
    return holder


def true_mask(sample: Sample) -> NDArray[np.bool_]:
    """The mask of a frame, bool (H, W).

    Raises:
        DataError: it has none.
    """
    if sample.mask is None:
        raise DataError(f"{sample.name}: has points but no mask; HSE needs masks of the frames it is scored on")
    return sample.mask


class Validation:
    """What a fit asks for its score: HSE and its parts on the validation frames, in float32."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __call__(self, detector: Detector) -> dict[str, float | None]:
        """`hse` (0 to 100), `pixel` and `target` (0 to 1); None where the frames hold no target."""
        result = score_frames(detector, self.samples, Rules()).compute()
        return {"hse": result.hse, "pixel": result.pixel, "target": result.target}
