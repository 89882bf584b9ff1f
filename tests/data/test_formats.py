"""Importing published layouts."""

from pathlib import Path

import numpy as np
import pytest

from irstd.data.canonical import CanonicalDataset
from irstd.data.fingerprint import fingerprint
from irstd.data.formats import detect_layout, import_dataset
from irstd.errors import DataError, UnknownNameError
from irstd.frames import read_image, write_png
from tests.data.build import SPLIT_OF, samples
from tests.shared import SHARED, needs_shared


def open_sirst(folder: Path) -> Path:
    """The four test frames as open-sirst has them."""
    for part in ("mixed", "annotations/masks", "splits"):
        (folder / part).mkdir(parents=True)
    for name, sample in samples().items():
        assert sample.mask is not None
        write_png(folder / f"mixed/{name}.png", sample.frame)
        write_png(folder / f"annotations/masks/{name}_pixels0.png", np.where(sample.mask, np.uint8(7), np.uint8(0)))
    for split in ("train", "val", "test"):
        names = [name for name in SPLIT_OF if SPLIT_OF[name] == split]
        (folder / f"splits/{split}_v1.txt").write_text("\n".join(reversed(names)))
    return folder


def test_open_sirst(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    before, steps = fingerprint(source), list[tuple[int, int]]()
    assert detect_layout(source) == "open-sirst"
    folder = import_dataset(source, tmp_path / "raw", "mine", progress=lambda done, total: steps.append((done, total)))
    assert folder == tmp_path / "raw/mine"
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert fingerprint(source) == before
    dataset = CanonicalDataset.open(folder)
    assert dataset.splits == {"train": ("b", "a"), "val": ("c",), "test": ("d",)}
    assert dataset.info.name == "mine"
    assert "WACV 2021" in dataset.info.citation
    for name, expected in samples().items():
        sample = dataset.sample(name)
        np.testing.assert_array_equal(sample.frame, expected.frame)
        np.testing.assert_array_equal(sample.mask, expected.mask)
        np.testing.assert_allclose(sample.points, expected.points)
        assert set(np.unique(read_image(folder / f"masks/{name}.png"))) <= {0, 255}


def test_unknown_layout_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown layout 'open-first': did you mean open-sirst\? known: open-sirst"
    ):
        import_dataset(open_sirst(tmp_path / "published"), tmp_path, "mine", layout="open-first")


def test_unrecognised_folder_says_what_was_sought(tmp_path: Path) -> None:
    message = r"no known layout; looked for: open-sirst has mixed/, annotations/masks/ and splits/"
    with pytest.raises(DataError, match=message):
        detect_layout(tmp_path)
    with pytest.raises(DataError, match="is not of layout open-sirst, which has mixed/"):
        import_dataset(tmp_path, tmp_path, "mine", layout="open-sirst")


@pytest.mark.parametrize("layout", [None, "open-sirst"])
def test_missing_source(tmp_path: Path, layout: str | None) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder; give the one that holds the dataset"):
        import_dataset(tmp_path / "nowhere", tmp_path, "mine", layout=layout)


def test_bad_names_and_places(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    with pytest.raises(DataError, match="'a/b' is no dataset name"):
        import_dataset(source, tmp_path, "a/b")
    import_dataset(source, tmp_path, "mine")
    with pytest.raises(DataError, match="mine: exists already"):
        import_dataset(source, tmp_path, "mine")
    import_dataset(source, tmp_path, "mine", replace=True)
    with pytest.raises(DataError, match="published: is no dataset"):
        import_dataset(source, tmp_path, "published", replace=True)


def test_incomplete_source_leaves_nothing(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    (source / "annotations/masks/d_pixels0.png").unlink()
    with pytest.raises(DataError, match=r"d_pixels0.png: cannot be read"):
        import_dataset(source, tmp_path / "raw", "mine")
    assert list((tmp_path / "raw").iterdir()) == []
    (source / "mixed/c.png").unlink()
    with pytest.raises(DataError, match=r"val_v1.txt: frame 'c' is not in mixed"):
        import_dataset(source, tmp_path / "raw", "mine")


@needs_shared
def test_sirst_v1(tmp_path: Path) -> None:
    source = SHARED / "open-sirst-v1"
    before = fingerprint(source)
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "sirst-v1"))
    assert {split: len(names) for split, names in dataset.splits.items()} == {"train": 256, "val": 85, "test": 86}
    assert sum(len(sample.points) for split in dataset.splits for sample in dataset.samples(split)) == 533
    assert list(dataset.splits["test"]) == (source / "splits/test_v1.txt").read_text().split()
    for name in dataset.names:
        np.testing.assert_array_equal(dataset.frame(name), read_image(source / "mixed" / f"{name}.png"))
    assert fingerprint(source) == before
