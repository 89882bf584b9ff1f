"""The fingerprint of a folder."""

import hashlib
from pathlib import Path

import pytest

from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError
from tests.datasets.build import build


def test_by_hand(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.txt").write_bytes(b"two")
    (tmp_path / "a.txt").write_bytes(b"one")
    parts = [b"a.txt", b"one", b"b/c.txt", b"two"]
    expected = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    assert fingerprint(tmp_path) == expected


def test_paths_and_contents_count(tmp_path: Path) -> None:
    build(tmp_path / "one")
    build(tmp_path / "two/one")
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two/one")
    (tmp_path / "two/one/.note").write_text("hidden")
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two/one")
    (tmp_path / "two/one/images/a.png").rename(tmp_path / "two/one/images/e.png")
    assert fingerprint(tmp_path / "one") != fingerprint(tmp_path / "two/one")


def test_of_one_split(tmp_path: Path) -> None:
    folder = build(tmp_path / "set", with_points=True).folder
    train, test = fingerprint(folder, "train"), fingerprint(folder, "test")
    assert train != test
    (folder / "splits/train.txt").write_text("b\na\n")
    assert fingerprint(folder, "train") == train
    (folder / "images/d.png").write_bytes(b"another")
    assert fingerprint(folder, "train") == train
    assert fingerprint(folder, "test") != test


def test_points_and_masks_of_the_split_count(tmp_path: Path) -> None:
    folder = build(tmp_path / "set", with_points=True).folder
    train, val = fingerprint(folder, "train"), fingerprint(folder, "val")
    text = (folder / "points.csv").read_text()
    (folder / "points.csv").write_text(text.replace("c,1.0000", "c,1.5000"))
    assert fingerprint(folder, "train") == train
    assert fingerprint(folder, "val") != val
    (folder / "masks/a.png").write_bytes(b"another")
    assert fingerprint(folder, "train") != train


def test_faults(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder"):
        fingerprint(tmp_path / "nowhere")
    with pytest.raises(DataError, match="holds no files"):
        fingerprint(tmp_path)
    folder = build(tmp_path / "set").folder
    with pytest.raises(DataError, match=r"dev.txt: cannot be read"):
        fingerprint(folder, "dev")
    (folder / "images/d.png").unlink()
    with pytest.raises(DataError, match=r"d.png: cannot be read"):
        fingerprint(folder, "test")
