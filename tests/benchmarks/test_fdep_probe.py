"""The linear probe of a foundation model."""

import numpy as np
import pytest
import torch

from benchmarks.fdep_probe import labels_of, pixels_of, probed, tokens_of
from irstd.datasets.sample import Sample
from irstd.models.fdep.foundation import Foundation, Reading
from tests.training.tiny import scenes


def test_a_token_is_labelled_where_a_pixel_of_a_target_is_in_it() -> None:
    mask = np.zeros((64, 64), dtype=np.bool_)
    mask[15:17, 40] = True  # on both sides of the line between the first two rows of tokens
    labels = labels_of([Sample("a", np.zeros((64, 64), dtype=np.uint8), np.array([[40.0, 15.5]]), mask)], (4, 4))
    assert np.flatnonzero(labels).tolist() == [2, 6]


def test_tokens_pixels_and_labels_are_in_one_order() -> None:
    samples = scenes(8, 2)
    torch.manual_seed(0)
    (tokens,), grid = tokens_of(Foundation("test_vit", "random", Reading(side=128)), samples, (2,))
    labels, pixels = labels_of(samples, grid), pixels_of(samples, grid)
    assert grid == (8, 8)
    assert len(tokens) == len(labels) == len(pixels) == 10 * 64
    assert (pixels[labels, 3] > 130 / 255).all()
    assert probed(pixels, labels, 6 * 64) > 0.8
    shuffled = np.random.default_rng(0).permutation(pixels)
    assert probed(shuffled, labels, 6 * 64) == pytest.approx(labels[6 * 64 :].mean(), abs=0.2)
