import numpy as np
import pytest
import torch

from irstd.training.bad_pixels import bad_pixels

IMAGES = torch.full((400, 3, 24, 32), 0.5)


def test_a_share_of_the_crops_has_a_few_bad_pixels() -> None:
    before = IMAGES.clone()
    found = bad_pixels(IMAGES, np.random.default_rng(0), 0.25)
    off = found - IMAGES
    bad = (off[:, 0] != 0).sum(dim=(1, 2))
    assert 60 < (bad > 0).sum() < 140
    assert bad.max() <= 8
    assert torch.equal(off[:, 0], off[:, 2])
    assert (off[off != 0].abs() >= 0.1 - 1e-6).all()
    assert 0.65 < (off > 0).sum() / (off != 0).sum() < 0.85
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    assert torch.equal(IMAGES, before)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_same_generator_gives_the_same(share: float) -> None:
    first, again = (bad_pixels(IMAGES, np.random.default_rng(1), share) for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(first, IMAGES) == (share == 0.0)
