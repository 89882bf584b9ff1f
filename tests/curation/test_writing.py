"""Writing the canonical dataset: all or nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import CanonicalDataset, DatasetInfo
from irstd.datasets.sample import Sample
from irstd.errors import DataError, UnknownNameError
from tests.datasets.build import SPLIT_OF, build, samples

INFO = DatasetInfo(name="set", source="s", citation="c", licence="l")


def _listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in _listing(folder) if (folder / name).is_file()}


def test_description_has_counts_and_nothing_of_the_machine(tmp_path: Path) -> None:
    build(tmp_path / "set")
    stored = json.loads((tmp_path / "set/dataset.json").read_text())
    assert stored["counts"] == {"frames": 4, "targets": 4, "train": 2, "val": 1, "test": 1}
    assert set(stored) == {"name", "source", "citation", "licence", "counts"}


def test_how_the_splits_came_about_is_kept(tmp_path: Path) -> None:
    info = DatasetInfo(name="set", splits="official")
    with new_dataset(tmp_path / "set", info) as writer:
        for name, sample in samples().items():
            writer.add(sample, SPLIT_OF[name])
    assert json.loads((tmp_path / "set/dataset.json").read_text())["splits"] == "official"
    assert CanonicalDataset.open(tmp_path / "set").info == info


def test_same_samples_same_bytes(tmp_path: Path) -> None:
    for parent in ("one", "two"):
        build(tmp_path / parent / "set", with_points=True)
    one, two = tmp_path / "one/set", tmp_path / "two/set"
    assert _listing(one) == _listing(two)
    assert all(
        (one / name).read_bytes() == (two / name).read_bytes() for name in _listing(one) if (one / name).is_file()
    )


def test_a_fault_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"), new_dataset(tmp_path / "set", INFO) as writer:
        writer.add(samples()["a"], "train")
        raise RuntimeError("stop")
    assert _listing(tmp_path) == []


def test_an_existing_one_is_refused(tmp_path: Path) -> None:
    build(tmp_path / "set")
    before = _listing(tmp_path)
    with pytest.raises(DataError, match="set: exists already"):
        build(tmp_path / "set")
    assert _listing(tmp_path) == before


def test_the_old_one_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    build(tmp_path / "set")
    before = _listing(tmp_path)
    with pytest.raises(RuntimeError, match="stop"), new_dataset(tmp_path / "set", INFO, replace=True) as writer:
        writer.add(samples()["d"], "train")
        assert CanonicalDataset.open(tmp_path / "set").names == ("a", "b", "c", "d")
        raise RuntimeError("stop")
    assert _listing(tmp_path) == before
    with new_dataset(tmp_path / "set", INFO, replace=True) as writer:
        for name, split in zip("abc", ("train", "val", "test"), strict=True):
            writer.add(samples()[name], split)
    assert CanonicalDataset.open(tmp_path / "set").names == ("a", "b", "c")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_only_datasets_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set/letter.txt").write_text("dear")
    with (
        pytest.raises(DataError, match=r"is no dataset \(no dataset.json\)"),
        new_dataset(tmp_path / "set", INFO, replace=True),
    ):
        pass
    assert (tmp_path / "set/letter.txt").read_text() == "dear"


def test_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"), new_dataset(tmp_path / "file/set", INFO):
        pass


def test_bad_dataset_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'../set' is no dataset name"), new_dataset(tmp_path, DatasetInfo("../set")):
        pass


def _add_fails(tmp_path: Path, sample: Sample, message: str) -> None:
    with pytest.raises(DataError, match=message), new_dataset(tmp_path / "set", INFO) as writer:
        writer.add(samples()["a"], "train")
        writer.add(sample, "val")


def test_bad_samples(tmp_path: Path) -> None:
    good = samples()["b"]
    _add_fails(tmp_path, samples()["a"], "frame 'a' was added before")
    for name in ("../b", "", ".b", " b", "b ", "b\nc", "b\\c"):
        _add_fails(tmp_path, Sample(name, good.frame, good.points, good.mask), "cannot name a frame's file")
    small = np.zeros((2, 2), dtype=np.bool_)
    _add_fails(tmp_path, Sample("b", good.frame, good.points, small), "frame 'b': the mask is 2×2 px")


def test_bad_wholes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="split 'test' has no frame"), new_dataset(tmp_path / "set", INFO) as writer:
        writer.add(samples()["a"], "train")
        writer.add(samples()["b"], "val")
    with pytest.raises(DataError, match="1 of 2 frames have a mask"), new_dataset(tmp_path / "set", INFO) as writer:
        writer.add(samples()["a"], "train")
        writer.add(Sample("b", samples()["b"].frame, np.zeros((0, 2))), "val")
    with pytest.raises(DataError, match=r"no masks and no points.csv"):
        build(tmp_path / "set", with_masks=False)
    with pytest.raises(UnknownNameError, match="unknown split 'dev'"), new_dataset(tmp_path / "set", INFO) as writer:
        writer.add(samples()["a"], "dev")
    assert _listing(tmp_path) == []
