import numpy as np
import torch

from irstd.training.jitter import invert, jitter

IMAGES = torch.linspace(0.2, 0.8, 2 * 3 * 16 * 16).view(2, 3, 16, 16)


def test_strength_0_changes_nothing() -> None:
    assert torch.equal(jitter(IMAGES, np.random.default_rng(0), 0.0), IMAGES)


def test_the_same_generator_gives_the_same_and_the_input_stays() -> None:
    before = IMAGES.clone()
    first, again = (jitter(IMAGES, np.random.default_rng(1), 0.3) for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(IMAGES, before)
    assert not torch.equal(first, jitter(IMAGES, np.random.default_rng(2), 0.3))


def test_values_stay_in_range_and_equal_channels_stay_equal() -> None:
    grey = torch.rand(4, 1, 16, 16).expand(-1, 3, -1, -1)
    found = jitter(grey, np.random.default_rng(0), 2.0)
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    assert torch.equal(found[:, 0], found[:, 2])


def test_gain_offset_and_noise_are_as_strong_as_they_say() -> None:
    flat = torch.full((400, 1, 24, 24), 0.5)
    moved = jitter(flat, np.random.default_rng(0), 0.4)
    offsets, noise = moved.mean(dim=(1, 2, 3)) - 0.5, moved.std(dim=(1, 2, 3))
    assert 0.09 < offsets.abs().max() < 0.105
    assert 0.018 < noise.max() < 0.022
    assert noise.min() < 0.001
    ramp = torch.linspace(0.4, 0.6, 24).expand(400, 1, 24, 24)
    spread = jitter(ramp, np.random.default_rng(0), 0.2).mean(dim=2)[:, 0]
    gains = (spread[:, -1] - spread[:, 0]) / 0.2
    assert 0.75 < gains.min() < 0.9
    assert 1.1 < gains.max() < 1.3


def test_a_share_of_the_crops_is_inverted() -> None:
    images = torch.rand(400, 1, 4, 4)
    found = invert(images, np.random.default_rng(0), 0.25)
    turned = torch.tensor([torch.equal(after, 1.0 - before) for before, after in zip(images, found, strict=True)])
    assert 60 < turned.sum() < 140
    assert torch.equal(found[~turned], images[~turned])
    assert invert(images, np.random.default_rng(0), 0.0) is images
