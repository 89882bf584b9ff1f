"""A frame's features at the place of a crop."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from irstd.frames import place_native
from irstd.models.base import Detector
from irstd.models.view import FrameView, sampled
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from tests.training.tiny import TinyMask, scenes

WHOLE = torch.eye(3)[:2]


def ramp(height: int, width: int, cell: int) -> torch.Tensor:
    """Features (1, 2, h, w) whose values are x and y px of a frame at the middle of each cell."""
    rows, columns = ((torch.arange(side // cell) + 0.5) * cell - 0.5 for side in (height, width))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack((x, y))[None]


def test_the_whole_frame_has_its_own_features_and_a_mirrored_one_mirrored() -> None:
    features, frame = torch.rand(1, 3, 4, 6), torch.rand(1, 64, 96)
    assert sampled(features, FrameView(frame, WHOLE), (64, 96), (4, 6)) == pytest.approx(features, abs=1e-5)
    mirror = torch.tensor([[-1.0, 0.0, 95.0], [0.0, 1.0, 0.0]])
    found = sampled(features, FrameView(frame, mirror), (64, 96), (4, 6))
    assert found == pytest.approx(features.flip(-1), abs=1e-5)


class Reader(TinyMask):
    """A detector that reads the frames of its crops."""

    reads_frames = True


def place(detector: Detector, **changes: object) -> FitConfig:
    config = FitConfig(crop=32, scale=(0.8, 1.4), rotate=40.0, target_share=1.0, batch=8)
    return replace(config, **changes)  # type: ignore[arg-type]


def test_a_crop_of_any_pose_reads_the_frame_where_it_lies() -> None:
    samples = scenes(side=128)
    crops = Crops(Reader(), samples, place(Reader()))
    batch = crops.batch(3)
    features = ramp(128, 128, 8)
    for view in batch.views:
        assert view.frame.shape == (1, 128, 128)
        found = sampled(features, view, (32, 32), (4, 4))[0]
        middle = np.arange(4) * 8 + 3.5
        for row, column in np.ndindex(4, 4):
            x, y = view.matrix.numpy() @ (middle[column], middle[row], 1.0)
            expected = np.clip((x, y), 3.5, 123.5)  # beyond the frame its border goes on
            assert found[:, row, column].numpy() == pytest.approx(expected, abs=1e-3)


def test_the_matrix_is_the_poses_own_way_back() -> None:
    detector = Reader()
    samples = scenes()
    crops = Crops(detector, samples, place(detector, scale=(1.0, 1.0), rotate=0.0, crop=None))
    batch = crops.batch(0)
    for image, view in zip(batch.images, batch.views, strict=True):
        y, x = np.mgrid[:64, :64]
        back = np.stack((x, y, np.ones_like(x)), axis=-1) @ view.matrix.numpy().T
        left, top = np.rint(back).astype(int).transpose(2, 0, 1)
        assert torch.equal(image[0], view.frame[0][top, left])
    assert place_native(64, 64, 1).size == (64, 64)


def test_others_get_no_frames() -> None:
    assert Crops(TinyMask(), scenes(), place(TinyMask())).batch(0).views == ()
