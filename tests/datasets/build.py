"""Tiny datasets for tests."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import CanonicalDataset, DatasetInfo
from irstd.datasets.points_csv import Row
from irstd.datasets.prepared import PreparedDataset
from irstd.datasets.sample import Sample
from irstd.datasets.shards import ShardWriter, StoredFrame
from irstd.datasets.stored_samples import StoredSamples
from irstd.frames import Frame
from irstd.frames.read import encode_png

SPLIT_OF = {"a": "train", "b": "train", "c": "val", "d": "test"}


def block_mask(*blocks: tuple[int, int, int], size: tuple[int, int] = (24, 32)) -> NDArray[np.bool_]:
    """A mask with square blocks, each (first column, first row, side)."""
    mask = np.zeros(size, dtype=np.bool_)
    for column, row, side in blocks:
        mask[row : row + side, column : column + side] = True
    return mask


def samples() -> dict[str, Sample]:
    """Four frames: 8-bit, 16-bit, three channels, and one without target, of two sizes."""
    rng = np.random.default_rng(0)
    masks = {
        "a": block_mask((4, 6, 3), (20, 10, 2)),
        "b": block_mask((10, 10, 1)),
        "c": block_mask((0, 0, 3)),
        "d": block_mask(size=(16, 20)),
    }
    frames: dict[str, Frame] = {
        "a": rng.integers(0, 256, (24, 32), dtype=np.uint8),
        "b": rng.integers(3000, 9000, (24, 32), dtype=np.uint16),
        "c": rng.integers(0, 256, (24, 32, 3), dtype=np.uint8),
        "d": rng.integers(0, 256, (16, 20), dtype=np.uint8),
    }
    points = {"a": [(5.0, 7.0), (20.5, 10.5)], "b": [(10.0, 10.0)], "c": [(1.0, 1.0)], "d": []}
    return {
        name: Sample(name, frames[name], np.array(points[name], dtype=np.float64).reshape(-1, 2), masks[name])
        for name in frames
    }


def build(folder: Path, *, with_points: bool = False, with_masks: bool = True) -> CanonicalDataset:
    """The four frames on disk."""
    with new_dataset(folder, DatasetInfo(name=folder.name, source="a test"), with_points=with_points) as writer:
        for name, sample in samples().items():
            kept = sample if with_masks else Sample(name, sample.frame, sample.points, None)
            writer.add(kept, SPLIT_OF[name])
    return CanonicalDataset.open(folder)


def stored(folder: Path, samples: Sequence[Sample], label: str | None = None) -> StoredSamples:
    """These samples as the split train of a prepared dataset; their responses, if they have none, are empty."""
    folder.mkdir()
    writer = ShardWriter(folder)
    for sample in samples:
        values = np.zeros((4, 4)) if sample.response is None else sample.response.values
        writer.add(
            StoredFrame(
                name=sample.name,
                split="train",
                points=[Row(sample.name, x, y) for x, y in sample.points.tolist()],
                frame=encode_png(sample.frame, sample.name),
                mask=None if sample.mask is None else encode_png(sample.mask.astype(np.uint8), sample.name),
                response=values.astype("<f4").tobytes(),
            )
        )
    writer.close()
    return PreparedDataset.open(folder).split("train", label)


def small_response(levels: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
    """1 on the cell of each point."""
    response = np.zeros((levels.shape[0] // 4, levels.shape[1] // 4), dtype=np.float32)
    for x, y in points:
        response[int(y / 4 + 0.5), int(x / 4 + 0.5)] = 1.0
    return response
