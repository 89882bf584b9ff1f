"""Prediction of one detector on one frame."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.models.base import INTEGRAL_RULES, PEAK_RULES, Detector, Rules
from irstd.models.tiles import in_tiles


@dataclass(frozen=True)
class Prediction:
    """Prediction on one frame.

    Attributes:
        response: float32 (H, W) in [0, 1] at the frame's own size.
        detections: all from 0.1 up, for the integral of HSE.
        operating: the detections that its operating rules report.
    """

    response: NDArray[np.float32]
    detections: Detections
    operating: Detections


@dataclass(frozen=True)
class Peaks:
    """The 64 highest peaks of a point model on one frame, whatever their scores.

    Attributes:
        detections: the peaks.
        response: float32 (H, W) in [0, 1], what they become by the step from points to pixels.
    """

    detections: Detections
    response: NDArray[np.float32]


@torch.inference_mode()
def raw_output(detector: Detector, frame: Frame) -> NDArray[np.float32]:
    """The raw output, (h, w) or (planes, h, w), of one frame (H, W) or (H, W, 3), 8 or 16 bit.

    The detector is put in eval mode. A large frame goes through in tiles, where the detector's reach allows it.
    """
    detector.eval()
    device = next((weight.device for weight in detector.parameters()), torch.device("cpu"))

    def forward(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(detector(torch.from_numpy(images).to(device)).float().cpu().numpy())

    images, reach = detector.input.images(frame), detector.reach
    raw = forward(images) if reach is None else in_tiles(forward, images, reach, detector.stride)
    return np.asarray(raw[0, 0] if detector.planes == 1 else raw[0], dtype=np.float32)


def predict(detector: Detector, frame: Frame, operating: Rules) -> Prediction:
    """The response and the detections of one frame (H, W) or (H, W, 3), 8 or 16 bit, in its own px."""
    eight = detector.input.eight_bit(frame)
    return _predicted(detector, eight, raw_output(detector, eight), operating)


def predict_ranked(detector: Detector, frame: Frame, operating: Rules) -> tuple[Prediction, Peaks | None]:
    """The same with the peaks that hse-2 ranks, from one pass; None for a mask model, whose response it ranks."""
    eight = detector.input.eight_bit(frame)
    raw = raw_output(detector, eight)
    found = _predicted(detector, eight, raw, operating)
    if detector.target == "mask":
        return found, None
    placement = detector.input.place(*frame.shape[:2])
    peaks = detector.detections(raw, placement, PEAK_RULES)
    return found, Peaks(peaks, detector.response(raw, placement, eight, peaks))


def _predicted(detector: Detector, eight: NDArray[np.uint8], raw: NDArray[np.float32], operating: Rules) -> Prediction:
    placement = detector.input.place(*eight.shape[:2])
    found = detector.detections(raw, placement, INTEGRAL_RULES)
    return Prediction(
        response=detector.response(raw, placement, eight, found),
        detections=found,
        operating=detector.detections(raw, placement, operating),
    )


def detect(detector: Detector, frame: Frame, operating: Rules) -> Detections:
    """The detections alone, by the operating rules, in frame px."""
    return detector.detections(raw_output(detector, frame), detector.input.place(*frame.shape[:2]), operating)
