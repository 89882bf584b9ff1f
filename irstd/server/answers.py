"""The answers of the server, as OpenAPI describes them."""

import base64
from typing import Any

import cv2
import numpy as np
from pydantic import BaseModel, Field

from irstd.frames import Frame, to_8bit
from irstd.labels.detections import Detections
from irstd.server.model import ServedModel

_MOST_SIDE_PX = 2048
"""Of a picture; a larger frame is shrunk to it."""


class Found(BaseModel):
    """A detection."""

    x: float = Field(description="px from the centre of the leftmost pixel")
    y: float = Field(description="px from the centre of the topmost pixel")
    score: float = Field(ge=0, le=1, description="a probability where the model is calibrated")


class FrameAnswer(BaseModel):
    """Detections of a frame, strongest first."""

    name: str
    width: int
    height: int
    bits: int = Field(description="of the levels that were searched, 8 or 16")
    detections: list[Found]
    picture: str | None = Field(None, description="base64 of a PNG in 8 bit, at most 2048 px a side, where asked for")


class Answer(BaseModel):
    """Detections of all frames of a request, by one model."""

    model: str
    version: str | None = Field(description="of the registry; null outside of it")
    bundle: str = Field(description="hash of the model's files")
    threshold: float = Field(description="the model's operating threshold, in the unit of the scores")
    calibrated: bool
    frames: list[FrameAnswer]


def frame_answer(name: str, frame: Frame, found: Detections, *, picture: bool) -> FrameAnswer:
    """Return the answer for a frame: places with three decimals, scores with six."""
    return FrameAnswer.model_construct(
        name=name,
        width=frame.shape[1],
        height=frame.shape[0],
        bits=8 * frame.dtype.itemsize,
        detections=[
            Found.model_construct(x=round(x, 3) + 0.0, y=round(y, 3) + 0.0, score=round(score, 6))
            for (x, y), score in zip(found.points.tolist(), found.scores.tolist(), strict=True)
        ],
        picture=_picture(frame) if picture else None,
    )


def answer_of(model: ServedModel, frames: list[FrameAnswer]) -> Answer:
    """Return the answer for a request."""
    return Answer.model_construct(
        model=model.name,
        version=model.version,
        bundle=model.hash,
        threshold=model.threshold,
        calibrated=model.loaded.bundle.calibration is not None,
        frames=frames,
    )


def _picture(frame: Frame) -> str:
    eight: Any = to_8bit(frame)
    longest = max(eight.shape[:2])
    if longest > _MOST_SIDE_PX:
        shrunk = [max(round(side * _MOST_SIDE_PX / longest), 1) for side in eight.shape[1::-1]]
        eight = cv2.resize(eight, shrunk, interpolation=cv2.INTER_AREA)
    if eight.ndim == 3:
        eight = np.ascontiguousarray(eight[..., ::-1])
    return base64.b64encode(cv2.imencode(".png", eight)[1].tobytes()).decode()
