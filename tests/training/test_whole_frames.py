"""Fits on whole frames read the responses that `prepare` drew; others are drawn anew."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.stored import Stored
from irstd.curation.demo import make_demo
from irstd.curation.prepare import PreparedWriter
from irstd.datasets.points_csv import as_stored
from irstd.datasets.prepared import PreparedDataset
from irstd.datasets.sample import Sample, StoredResponse
from irstd.frames import place_square, to_8bit
from irstd.labels.response import prps_response
from irstd.models.base import InputRule
from irstd.training.config import FitConfig
from irstd.training.crops import Crops, takes_whole_frames
from tests.training.tiny import TinyResponse, scenes

NATIVE = InputRule(channels=1, size=None)
WHOLE = FitConfig(batch=16, crop=None, scale=(1.0, 1.0), target_share=0.5, label="prps")


def with_responses(**changes: Any) -> list[Sample]:
    """Frames of several sizes with points off the pixel grid, and their responses as `prepare` draws them."""
    found = []
    for sample in [*scenes(4, 2, 64), *scenes(2, 0, 47)]:
        points = as_stored(sample.points + 0.3333333)
        placement = place_square(sample.frame.shape[0], sample.frame.shape[1], 64)
        values = prps_response(placement.warp(to_8bit(sample.frame)), placement.to_input(points))
        stored = StoredResponse("prps", size=64, stride=4, values=values)
        found.append(replace(sample, points=points, response=replace(stored, **changes)))
    return found


@pytest.mark.parametrize("changes", [{}, {"flip": False}, {"flip": False, "paste": 0.5}, {"jitter": 0.5}])
def test_whole_frames_take_the_prepared_response_and_it_is_the_drawn_one(changes: dict[str, Any]) -> None:
    config = replace(WHOLE, **changes)
    assert takes_whole_frames(config)
    reading = Crops(TinyResponse(), with_responses(), config)
    drawing = Crops(TinyResponse(), [replace(sample, response=None) for sample in with_responses()], config)
    drawn = count_draws(reading)
    for step in range(6):
        ours, theirs = reading.batch(step), drawing.batch(step)
        assert torch.equal(ours.labels, theirs.labels)
        assert torch.equal(ours.images, theirs.images)
    assert len(drawn) < 6 * config.batch
    assert bool(drawn) == (config.flip or bool(config.paste))


def test_what_prepare_wrote_is_what_a_fit_would_draw(tmp_path: Path) -> None:
    make_demo(tmp_path / "raw", 20)
    stored = Stored.of(tmp_path / "raw")
    writer = PreparedWriter(tmp_path / "prepared", stored.splits, 64, prps_response)
    look_at_frames(stored, keeper=writer.keeper(stored))
    writer.finish()
    train = PreparedDataset.open(tmp_path / "prepared").split("train", "prps")
    reading = Crops(TinyResponse(), train, replace(WHOLE, flip=False))
    drawing = Crops(TinyResponse(), [replace(each, response=None) for each in train], replace(WHOLE, flip=False))
    drawn = count_draws(reading)
    assert all(torch.equal(reading.batch(step).labels, drawing.batch(step).labels) for step in range(4))
    assert not drawn


@pytest.mark.parametrize(
    ("rule", "changes", "stored"),
    [
        (InputRule(channels=1, size=64), {"label": "gaussian"}, {}),
        (InputRule(channels=1, size=64), {}, {"label": "gaussian"}),
        (InputRule(channels=1, size=64), {}, {"size": 128, "stride": 8}),
        (InputRule(channels=1, size=64), {}, {"stride": 8}),
        (InputRule(channels=1, size=96), {}, {}),
        (InputRule(channels=3, size=64, color="rgb"), {}, {}),
        (InputRule(channels=1, size=64), {"scale": (1.0, 1.15)}, {}),
        (InputRule(channels=1, size=64), {"rotate": 10.0}, {}),
        (InputRule(channels=1, size=64), {"crop": 48}, {}),
    ],
)
def test_a_response_of_another_rule_or_pose_is_drawn(
    rule: InputRule, changes: dict[str, Any], stored: dict[str, Any]
) -> None:
    config = replace(WHOLE, flip=False, **changes)
    crops = Crops(TinyResponse(rule), with_responses(**stored), config)
    drawn = count_draws(crops)
    crops.batch(0)
    assert len(drawn) == config.batch


def test_a_native_input_draws_its_response() -> None:
    config = replace(WHOLE, flip=False)
    crops = Crops(TinyResponse(NATIVE), with_responses()[:6], config)
    drawn = count_draws(crops)
    crops.batch(0)
    assert len(drawn) == config.batch


def count_draws(crops: Crops) -> list[int]:
    """An entry for each response that `crops` draws from now on."""
    draw, drawn = crops.draw_response, list[int]()

    def counting(image: NDArray[np.uint8], points: NDArray[np.float64], stride: int = 4) -> NDArray[np.float32]:
        drawn.append(len(points))
        return draw(image, points, stride)

    crops.draw_response = counting
    return drawn
