"""The real datasets, as they are published."""

from pathlib import Path

import numpy as np

from irstd.curation.importers import import_dataset
from irstd.curation.near_duplicates import similar_pairs, thumbnail
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.frames import read_image
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared


def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split())


def sizes(dataset: CanonicalDataset) -> dict[str, int]:
    return {split: len(names) for split, names in dataset.splits.items()}


def check_frames(dataset: CanonicalDataset, images: Path, targets: int) -> None:
    found = 0
    for split in dataset.splits:
        for sample in dataset.samples(split):
            found += len(sample.points)
            np.testing.assert_array_equal(sample.frame, read_image(images / f"{sample.name}.png"))
    assert found == targets


def test_sirst_v1(tmp_path: Path) -> None:
    source = SHARED / "open-sirst-v1"
    before = fingerprint(source)
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "sirst-v1"))
    assert sizes(dataset) == {"train": 256, "val": 85, "test": 86}
    assert all(names == lines(source / f"splits/{split}_v1.txt") for split, names in dataset.splits.items())
    assert dataset.info.splits == "official"
    check_frames(dataset, source / "mixed", targets=533)
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
    check_frames(dataset, source / "images", targets=1863)
    train, carved = (
        {name: thumbnail(dataset.frame(name)) for name in dataset.splits[split]} for split in ("train", "val")
    )
    assert similar_pairs(train, carved) == []
    assert similar_pairs(train | carved) != []  # so that keeping them together was worth something
    assert fingerprint(source) == before
