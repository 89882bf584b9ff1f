"""The real datasets, as they are published, and their near-duplicates."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.importers import import_dataset
from irstd.curation.near_duplicates import similar_pairs, thumbnail
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.frames import read_image
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

Thumbnail = NDArray[np.float32]


def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split())


def sizes(dataset: CanonicalDataset) -> dict[str, int]:
    return {split: len(names) for split, names in dataset.splits.items()}


def check_frames(dataset: CanonicalDataset, images: Path, targets: int) -> dict[str, dict[str, Thumbnail]]:
    """Hold all frames to those published, and return their thumbnails by split."""
    found, thumbnails = 0, dict[str, dict[str, Thumbnail]]()
    for split in dataset.splits:
        thumbnails[split] = {}
        for sample in dataset.samples(split):
            found += len(sample.points)
            np.testing.assert_array_equal(sample.frame, read_image(images / f"{sample.name}.png"))
            thumbnails[split][sample.name] = thumbnail(sample.frame)
    assert found == targets
    return thumbnails


def test_sirst_v1(tmp_path: Path) -> None:
    source = SHARED / "open-sirst-v1"
    before = fingerprint(source)
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "sirst-v1"))
    assert sizes(dataset) == {"train": 256, "val": 85, "test": 86}
    assert all(names == lines(source / f"splits/{split}_v1.txt") for split, names in dataset.splits.items())
    assert dataset.info.splits == "official"
    near = check_frames(dataset, source / "mixed", targets=533)
    assert len({pair.first for pair in similar_pairs(near["test"], near["train"])}) == 1
    assert similar_pairs(near["test"], near["val"]) == []
    assert fingerprint(source) == before


def test_nudt_sirst(tmp_path: Path) -> None:
    source = SHARED / "nudt-sirst"
    before = fingerprint(source)
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "nudt-sirst"))
    assert sizes(dataset) == {"train": 530, "val": 133, "test": 664}
    assert dataset.splits["test"] == lines(source / "img_idx/test_NUDT-SIRST.txt")
    published, val = lines(source / "img_idx/train_NUDT-SIRST.txt"), set(dataset.splits["val"])
    assert dataset.splits["train"] == tuple(name for name in published if name not in val)
    assert dataset.info.splits == "train, test: official; val: carved, 133 of 663 train frames, seed 0"
    near = check_frames(dataset, source / "images", targets=1863)
    known = near["train"] | near["val"]
    assert similar_pairs(near["train"], near["val"]) == []
    assert similar_pairs(known) != []  # so that keeping them together was worth something
    assert len({pair.first for pair in similar_pairs(near["test"], known)}) == 37
    assert fingerprint(source) == before
