from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from irstd.datasets.sample import Sample
from irstd.errors import SettingsError, TrainingError, UnknownNameError
from irstd.labels.extent import masks_from_points
from irstd.models.base import Detector, InputRule
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from tests.training.tiny import TinyMask, TinyResponse, blob, scenes

NATIVE = InputRule(channels=1, size=None)
CONFIG = FitConfig(batch=8, crop=32, scale=(0.9, 1.3), label="gaussian")


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    crops, again = (Crops(TinyResponse(), scenes(), CONFIG) for _ in range(2))
    again.batch(3)
    first, second = crops.batch(7), again.batch(7)
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.labels, second.labels)
    assert first.names == second.names
    other_seed = Crops(TinyResponse(), scenes(), replace(CONFIG, seed=1)).batch(7)
    assert not torch.equal(first.images, other_seed.images)
    assert not torch.equal(first.images, crops.batch(8).images)


def test_shapes_types_and_ranges() -> None:
    rule = InputRule(color="rgb", channels=3, size=64)
    batch = Crops(TinyResponse(rule), scenes(), CONFIG).batch(0)
    assert batch.images.shape == (8, 3, 32, 32)
    assert batch.labels.shape == (8, 1, 8, 8)
    assert batch.images.dtype == batch.labels.dtype == torch.float32
    for values in (batch.images, batch.labels):
        assert values.min() >= 0.0
        assert values.max() <= 1.0


@pytest.mark.parametrize("label", ["gaussian", "prps"])
def test_the_label_peaks_at_the_cell_of_the_spot(label: str) -> None:
    # One target a frame, on the whole frame, so that crop px are frame px and each crop holds it.
    point = np.array([[24.0, 40.0]])
    crops = Crops(
        TinyResponse(InputRule(channels=1, size=None)),
        [Sample("one", blob(64, 64, point), point)],
        replace(CONFIG, crop=48, label=label, scale=(1.0, 1.0), target_share=1.0),
    )
    batch = crops.batch(0)
    for image, response in zip(batch.images.numpy()[:, 0], batch.labels.numpy()[:, 0], strict=True):
        y, x = np.unravel_index(image.argmax(), image.shape)
        cell = np.unravel_index(response.argmax(), response.shape)
        assert (int(cell[0]), int(cell[1])) == (int(y / 4 + 0.5), int(x / 4 + 0.5))
        assert response.max() == pytest.approx(1.0)


def test_turned_crops_hold_their_targets_and_their_labels() -> None:
    point = np.array([[75.0, 49.0]])
    config = replace(CONFIG, crop=48, scale=(1.0, 1.0), target_share=1.0, rotate=180.0)
    crops = Crops(TinyResponse(NATIVE), [Sample("one", blob(120, 120, point), point)], config)
    plain = Crops(TinyResponse(NATIVE), crops.samples, replace(config, rotate=0.0)).batch(0)
    batch = crops.batch(0)
    assert not torch.equal(batch.images, plain.images)
    assert torch.equal(batch.images, crops.batch(0).images)
    for image, response in zip(batch.images.numpy()[:, 0], batch.labels.numpy()[:, 0], strict=True):
        y, x = np.unravel_index(image.argmax(), image.shape)
        row, column = np.unravel_index(response.argmax(), response.shape)
        assert abs(row - y / 4) <= 0.75  # a turned peak may lie between two pixels
        assert abs(column - x / 4) <= 0.75
        assert response.max() == pytest.approx(1.0)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_crops_on_targets_is_kept(share: float) -> None:
    # One target in a wide frame: a crop that falls anywhere holds it once in about forty.
    point = np.array([[100.0, 300.0]])
    frames = [Sample("far", blob(400, 400, point), point), scenes(0, 1)[0]]
    detector = TinyResponse(InputRule(channels=1, size=None))
    crops = Crops(detector, frames, replace(CONFIG, target_share=share, scale=(1.0, 1.0)))
    batches = [crops.batch(step) for step in range(40)]
    holding = np.array([int((batch.labels.amax(dim=(1, 2, 3)) > 0.9).sum()) for batch in batches])
    assert holding.mean() / 8 == pytest.approx(share, abs=0.04)
    assert share * 8 - 1 < holding.min()
    if share < 1.0:
        assert any("empty-0" in batch.names for batch in batches)


def test_every_frame_and_every_target_is_drawn() -> None:
    crops = Crops(TinyResponse(), scenes(6, 3), CONFIG)
    names = {name for step in range(60) for name in crops.batch(step).names}
    assert names == {f"target-{index}" for index in range(6)} | {f"empty-{index}" for index in range(3)}


def test_whole_frames_of_one_size_may_be_oblong() -> None:
    point = np.array([[30.0, 10.0]])
    frames = [Sample("oblong", blob(33, 50, point), point)]
    rule = InputRule(channels=1, size=None, multiple=4)
    batch = Crops(TinyResponse(rule), frames, replace(CONFIG, crop=None, flip=False, scale=(1.0, 1.0))).batch(0)
    assert batch.images.shape == (8, 1, 36, 52)
    whole = torch.from_numpy(np.pad(frames[0].frame, ((0, 3), (0, 2)))) / 255.0
    assert torch.equal(batch.images[0, 0], whole)
    assert Crops(TinyResponse(rule), frames, replace(CONFIG, crop=None)).batch(0).images.shape == (8, 1, 36, 52)


def test_masks_follow_their_crops() -> None:
    batch = Crops(TinyMask(), scenes(), replace(CONFIG, scale=(1.0, 1.0))).batch(0)
    assert batch.labels.shape == (8, 1, 32, 32)
    assert torch.equal(batch.labels.bool(), batch.images > 130 / 255)


def pasting(detector: Detector, **changes: Any) -> Crops:
    """Crops of flat frames without targets, into which that of one other frame is pasted, alone in its crop."""
    point = np.array([[30.0, 30.0]])
    flat = Sample("flat", np.full((64, 64), 20, dtype=np.uint8), np.zeros((0, 2)), np.zeros((64, 64), dtype=np.bool_))
    frame = blob(64, 64, point)
    frames = [Sample("donor", frame, point, frame > 130), *[flat] * 200]
    return Crops(detector, frames, replace(CONFIG, crop=32, scale=(1.0, 1.0), target_share=0.0, **changes))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_of_crops_with_a_pasted_target_is_kept(share: float) -> None:
    crops = pasting(TinyResponse(NATIVE), paste=share)
    batches = [crops.batch(step) for step in range(60)]
    holding = np.mean([float((batch.labels.amax(dim=(1, 2, 3)) > 0.9).float().mean()) for batch in batches])
    assert holding == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize("label", ["gaussian", "prps"])
def test_the_label_peaks_at_the_cell_of_a_pasted_target(label: str) -> None:
    batch = pasting(TinyResponse(NATIVE), label=label, paste=1.0).batch(0)
    for name, image, response in zip(batch.names, batch.images.numpy()[:, 0], batch.labels.numpy()[:, 0], strict=True):
        assert name == "flat"
        y, x = np.unravel_index(image.argmax(), image.shape)
        assert image[y, x] > 0.4
        cell = np.unravel_index(response.argmax(), response.shape)
        assert (int(cell[0]), int(cell[1])) == (int(y / 4 + 0.5), int(x / 4 + 0.5))
        assert response.max() == pytest.approx(1.0)


def test_the_mask_gets_the_pixels_of_pasted_targets_beside_its_own() -> None:
    batch = pasting(TinyMask(NATIVE), paste=1.0).batch(0)
    assert set(batch.names) == {"flat"}
    for image, mask in zip(batch.images.numpy()[:, 0] * 255 - 20, batch.labels.numpy()[:, 0], strict=True):
        assert mask.sum() == 9  # as the donor's own mask has
        assert (image[mask == 1] > 0.4 * image.max()).all()
        assert (image[mask == 0] < 0.5 * image.max()).all()
    both = Crops(TinyMask(NATIVE), scenes(2, 0, 96), replace(CONFIG, crop=96, scale=(1.0, 1.0), paste=1.0)).batch(0)
    assert (both.labels[both.images > 130 / 255] == 1).float().mean() > 0.95


def test_pasting_leaves_frames_and_windows_as_they_are() -> None:
    config = replace(CONFIG, crop=96)
    plain, more = (Crops(TinyResponse(NATIVE), scenes(side=128), replace(config, paste=share)) for share in (0.0, 1.0))
    before, levels = plain.batch(2), [frame.copy() for frame in more.levels]
    after = more.batch(2)
    assert after.names == before.names
    assert (after.images >= before.images).all()
    assert not torch.equal(after.images, before.images)
    assert all(np.array_equal(one, two) for one, two in zip(levels, more.levels, strict=True))
    assert torch.equal(after.images, more.batch(2).images)


def test_a_frame_smaller_than_the_crop_stands_whole_inside_it() -> None:
    point = np.array([[10.0, 6.0]])
    frames = [Sample("small", blob(14, 20, point), point)]
    config = replace(CONFIG, scale=(1.0, 1.0))
    batch = Crops(TinyResponse(InputRule(channels=1, size=None)), frames, config).batch(0)
    sums = (batch.images * 255).sum(dim=(1, 2, 3))
    assert torch.allclose(sums, torch.full((8,), float(frames[0].frame.sum())))


def test_the_digest_tells_frames_apart() -> None:
    first, other = scenes(), scenes()
    other[0] = replace(other[0], points=other[0].points + 0.25)
    assert Crops(TinyResponse(), first, CONFIG).digest() == Crops(TinyResponse(), scenes(), CONFIG).digest()
    assert Crops(TinyResponse(), first, CONFIG).digest() != Crops(TinyResponse(), other, CONFIG).digest()


def test_frames_that_cannot_be_trained_on_are_named() -> None:
    with pytest.raises(TrainingError, match="none of the 2 training frames holds one"):
        Crops(TinyResponse(), scenes(0, 2), CONFIG)
    with pytest.raises(TrainingError, match="none of the 0 training frames"):
        Crops(TinyResponse(), [], CONFIG)
    points_only = [*scenes(1), replace(scenes(2)[1], mask=None)]
    with pytest.raises(TrainingError, match=r"target-1: has points but no mask.* or set train\.masks: points"):
        Crops(TinyMask(), points_only, CONFIG)
    mixed = [*scenes(1, 0, 64), *scenes(1, 0, 80)]
    with pytest.raises(TrainingError, match="whole frames of 2 sizes cannot share a batch"):
        Crops(TinyResponse(InputRule(channels=1, size=None)), mixed, replace(CONFIG, crop=None))


def test_masks_from_points_are_the_pseudo_masks_of_the_frames() -> None:
    point = np.array([[24.0, 40.0]])
    frame = blob(64, 64, point)
    sample = Sample("one", frame, point, mask=np.ones((64, 64), dtype=np.bool_))
    config = replace(CONFIG, crop=64, scale=(1.0, 1.0), masks="points", flip=False)
    for given in (sample, replace(sample, mask=None)):
        label = Crops(TinyMask(), [given], config).batch(0).labels.numpy()
        assert np.array_equal(label[0, 0] > 0, masks_from_points(frame, point))


def test_no_label_named_is_the_detector_s_own() -> None:
    class TinyGaussian(TinyResponse):
        label = "gaussian"

    named, own, other = (
        Crops(detector, scenes(), replace(CONFIG, label=label)).batch(0).labels
        for detector, label in ((TinyResponse(), "gaussian"), (TinyGaussian(), None), (TinyResponse(), None))
    )
    assert torch.equal(named, own)
    assert not torch.equal(own, other)


def test_settings_that_do_not_fit_the_detector_are_named() -> None:
    with pytest.raises(SettingsError, match=r"train\.crop: 128 px is more than the network's input of 64 px"):
        Crops(TinyResponse(), scenes(), replace(CONFIG, crop=128))
    with pytest.raises(UnknownNameError, match="unknown label 'gausian': did you mean gaussian"):
        Crops(TinyResponse(), scenes(), replace(CONFIG, label="gausian"))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_share_of_crops_is_not_zoomed(share: float) -> None:
    crops = Crops(TinyResponse(), scenes(), replace(CONFIG, unscaled=share))
    zooms = [crops._draw(np.random.default_rng(seed), 0.0)[1].zoom for seed in range(200)]
    assert np.mean([zoom == 1.0 for zoom in zooms]) == pytest.approx(share, abs=0.12)


def test_donors_of_points_do_not_know_masks() -> None:
    """A detector that learns points alone pastes what it would without masks."""
    given = [replace(each, mask=np.ones(each.frame.shape[:2], dtype=np.bool_)) for each in scenes(background=0)]
    bare = [replace(each, mask=None) for each in given]
    config = replace(CONFIG, paste=1.0, crop=48)
    with_masks, without = (Crops(TinyResponse(NATIVE), each, config).donors for each in (given, bare))
    assert with_masks
    assert all(np.array_equal(a.extent, b.extent) for a, b in zip(with_masks, without, strict=True))
