"""Crops of a detector that learns centres and pixels; and the calm end of a fit."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from irstd.datasets.sample import Sample
from irstd.models.registry import build
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from tests.training.tiny import TinyMask, TinyResponse, blob, scenes

CONFIG = FitConfig(batch=8, crop=48, scale=(1.0, 1.0), target_share=1.0)


def test_centres_and_pixels_lie_on_the_target_of_every_crop() -> None:
    point = np.array([[75.0, 49.5]])
    frame = blob(120, 120, point)
    crops = Crops(build("spire-plus", {}), [Sample("one", frame, point, frame > 130)], CONFIG)
    batch = crops.batch(0)
    assert batch.labels.shape == (8, 8, 24, 24)
    for image, label in zip(batch.images[:, 0], batch.labels, strict=True):
        pixels = torch.pixel_shuffle(label[:4], 2)[0]
        assert torch.equal(pixels > 0, image > 130 / 255)
        row, column = (int(each) for each in (label[4] == 1.0).nonzero()[0])
        shift = label[5:7, row, column]
        centre = (2 * (column + float(shift[0])) + 0.5, 2 * (row + float(shift[1])) + 0.5)
        rows, columns = (float(each.float().mean()) for each in pixels.nonzero(as_tuple=True))
        assert centre == pytest.approx((columns, rows), abs=1e-4)


def test_points_alone_give_pseudo_masks() -> None:
    samples = [replace(each, mask=None) for each in scenes(background=0)]
    crops = Crops(build("spire-plus", {}), samples, replace(CONFIG, masks="points"))
    labels = crops.batch(0).labels
    assert (labels[:, :4].amax(dim=(1, 2, 3)) == 1.0).all()
    assert (labels[:, 4].amax(dim=(1, 2)) == 1.0).all()


@pytest.mark.parametrize("detector", [TinyResponse(), TinyMask()])
def test_the_end_of_a_fit_is_calm(detector: TinyResponse) -> None:
    """Step 9 of 10 is within the last fifth, step 7 is not."""
    config = replace(CONFIG, crop=32, steps=10, warmup_steps=1, paste=1.0, jitter=0.5, invert=0.5, calm=0.2)
    plain = replace(config, paste=0.0, jitter=0.0, invert=0.0)
    lively, still = (Crops(detector, scenes(), each) for each in (config, plain))
    assert torch.equal(lively.batch(9).images, still.batch(9).images)
    assert not torch.equal(lively.batch(7).images, still.batch(7).images)
