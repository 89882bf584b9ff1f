"""Features on disk: the very ones that would be computed, and only where that helps."""

from pathlib import Path

import pytest
import torch

from irstd.datasets.sample import Sample
from irstd.errors import ModelError
from irstd.models.fdep import SAMF, Foundation
from irstd.models.fdep import cache as cache_module
from irstd.models.fdep.cache import FeatureCache
from irstd.models.fdep.foundation import Reading
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from tests.training.tiny import scenes

TAPS = (1, 5)


@pytest.fixture(scope="module")
def tiny() -> Foundation:
    torch.manual_seed(0)
    return Foundation("test_vit", "random")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_what_is_read_is_what_was_computed(tiny: Foundation, tmp_path: Path) -> None:
    images = torch.rand(3, 1, 32, 48)
    cold = FeatureCache(tiny, tmp_path).features(images, TAPS)
    kept = files(tmp_path)
    warm = FeatureCache(tiny, tmp_path).features(images, TAPS)
    assert files(tmp_path) == kept
    assert len(kept) == 3
    for ours, again, plain in zip(cold, warm, tiny.features(images, TAPS), strict=True):
        assert torch.equal(ours, again)
        torch.testing.assert_close(ours, plain, atol=2e-3, rtol=2e-3)  # fp16


def test_what_is_kept_is_small_and_gives_samf_what_all_of_it_gives(tiny: Foundation, tmp_path: Path) -> None:
    """On the host's grid in fp16, since the 1×1 convolution on the features and the resize commute."""
    images, grid = torch.rand(1, 1, 80, 80), (3, 3)
    cache = FeatureCache(tiny, tmp_path)
    kept, whole = cache.features(images, TAPS, grid), tiny.features(images, TAPS)
    assert next(tmp_path.iterdir()).stat().st_size < 2 * len(TAPS) * tiny.channels * 9 + 500
    block, deep = SAMF(8, tiny.channels).eval(), torch.rand(1, 8, *grid)
    for ours, theirs in zip(kept, whole, strict=True):
        assert ours.shape[2:] == grid
        torch.testing.assert_close(block(deep, ours), block(deep, theirs), atol=1e-3, rtol=1e-2)


def test_an_image_has_the_same_features_in_any_batch(tiny: Foundation, tmp_path: Path) -> None:
    one, other = torch.rand(2, 1, 1, 32, 32)
    together = FeatureCache(tiny, tmp_path / "together").features(torch.cat((other, one)), TAPS)
    alone = FeatureCache(tiny, tmp_path / "alone").features(one, TAPS)
    assert all(torch.equal(first[1:], second) for first, second in zip(together, alone, strict=True))


def test_whatever_decides_the_features_has_its_own_file(tiny: Foundation, tmp_path: Path) -> None:
    images = torch.rand(1, 1, 32, 32)
    FeatureCache(tiny, tmp_path).features(images, TAPS)
    FeatureCache(tiny, tmp_path).features(images, (0, 5))
    FeatureCache(tiny, tmp_path).features(images, TAPS, (1, 1))
    FeatureCache(tiny, tmp_path).features(images.flip(-1), TAPS)
    torch.manual_seed(1)
    FeatureCache(Foundation("test_vit", "random"), tmp_path).features(images, TAPS)
    with torch.autocast("cpu", torch.bfloat16):
        FeatureCache(tiny, tmp_path).features(images, TAPS)
    torch.manual_seed(0)
    FeatureCache(Foundation("test_vit", "random", Reading(norm=True)), tmp_path).features(images, TAPS)
    assert len(files(tmp_path)) == 7


def test_where_nothing_comes_again_it_stops(tiny: Foundation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_PATIENCE", 3)
    cache = FeatureCache(tiny, tmp_path / "crops")
    cache.features(torch.rand(2, 1, 16, 16), TAPS)
    with pytest.raises(ModelError, match=r"none of 3 images came again.*model\.view.*train\.crop null"):
        cache.features(torch.rand(1, 1, 16, 16), TAPS)
    cache = FeatureCache(tiny, tmp_path / "frames")
    again = torch.rand(1, 1, 16, 16)
    cache.features(torch.cat((again, again)), TAPS)
    cache.features(torch.rand(5, 1, 16, 16), TAPS)


def test_a_damaged_file_is_named(tiny: Foundation, tmp_path: Path) -> None:
    images = torch.rand(1, 1, 16, 16)
    cache = FeatureCache(tiny, tmp_path)
    cache.features(images, TAPS)
    next(tmp_path.iterdir()).write_bytes(b"cut")
    with pytest.raises(ModelError, match=r"\.safetensors: features that cannot be read .*remove the file"):
        cache.features(images, TAPS)


@pytest.mark.parametrize(("view", "most"), [("crop", 8), ("frame", 1)])
def test_a_fit_gives_the_same_bytes_with_a_cold_and_a_warm_cache(tmp_path: Path, view: str, most: int) -> None:
    samples: list[Sample] = scenes()
    whole = {"crop": None, "scale": (1.0, 1.0)} if view == "crop" else {"crop": 32, "scale": (0.8, 1.2), "jitter": 0.3}
    config = FitConfig(steps=6, batch=2, warmup_steps=1, validate_every=6, **whole)
    model = {"foundation": "test_vit", "weights": "random", "view": view, "cache": str(tmp_path / "features")}
    job, frames = FitJob("fdep-acm", model, config, {}), {"train": samples, "val": samples[:1]}
    cold = run_job(job, frames, lambda row: None)
    kept = files(tmp_path / "features")
    assert 0 < len(kept) <= most * len(samples)
    assert run_job(job, frames, lambda row: None).files == cold.files
    assert files(tmp_path / "features") == kept
