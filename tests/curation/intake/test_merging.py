"""New frames come into a dataset: what was there keeps its bytes, validation and test their frames."""

import json
import shutil
from pathlib import Path

import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.curation.intake.files import check_files
from irstd.curation.intake.merging import check_labels, known_sets, merge_sets
from irstd.curation.intake.placing import Shares
from irstd.curation.intake.staging import StagedSet, stage_set
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError
from tests.curation.audit.build import sound
from tests.curation.intake.build import nearly, new_set


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Five frames with masks: a, b in train, c in val, d, e in test."""
    return sound(tmp_path / "base")


def staged(tmp_path: Path, *seeds: int, name: str = "night", masks: bool = True) -> StagedSet:
    return stage_set(new_set(tmp_path / "inbox" / name, *seeds, masks=masks), tmp_path / "staged")


def test_new_frames_go_to_train_and_the_rest_keeps_its_bytes(tmp_path: Path, base: Path) -> None:
    new = staged(tmp_path, 100, 101)
    assert new.errors == ()
    before = {path: path.read_bytes() for path in base.rglob("*.png")}
    scored = [fingerprint(base, split) for split in ("val", "test")]
    (added,) = merge_sets(check_dataset(base), [new], tmp_path / "merged", Shares(), 7)
    assert (added.splits, added.left_out) == ({"train": 2}, {})
    merged = CanonicalDataset.open(tmp_path / "merged")
    assert merged.splits["train"] == ("a", "b", "night_f0", "night_f1")
    assert [fingerprint(merged.folder, split) for split in ("val", "test")] == scored
    for path, content in before.items():
        assert (merged.folder / path.relative_to(base)).read_bytes() == content
    assert merged.sample("night_f1").points.tolist() == [[21.0, 19.0]]
    assert check_dataset(merged.folder).errors == ()
    record = json.loads((merged.folder / "dataset.json").read_text())
    assert record["counts"] == {"train": 4, "val": 1, "test": 2, "frames": 7, "targets": 8}
    assert record["name"] == "base"
    assert set(known_sets(merged.folder)) == {fingerprint(tmp_path / "inbox/night")}
    assert known_sets(base) == frozenset()


def test_the_same_sets_give_the_same_bytes(tmp_path: Path, base: Path) -> None:
    new = staged(tmp_path, 100, 101)
    for name in ("one", "two"):
        merge_sets(check_dataset(base), [new], tmp_path / name, Shares(), 7)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


def test_frames_that_are_there_or_look_like_a_scored_one_stay_out(tmp_path: Path, base: Path) -> None:
    folder = new_set(tmp_path / "inbox/night", 100)
    for frame, mask in (("copied", "b"), ("like-d", "d"), ("like-a", "a")):
        shutil.copy(base / f"masks/{mask}.png", folder / f"masks/{frame}.png")
        if frame == "copied":
            shutil.copy(base / "images/b.png", folder / "images/copied.png")
        else:
            nearly(base / f"images/{mask}.png", folder, frame)
    new = stage_set(folder, tmp_path / "staged")
    (added,) = merge_sets(check_dataset(base), [new], tmp_path / "merged", Shares(val=0.5, test=0.5), 7)
    assert added.left_out == {"nearly a frame of val or test": 1, "there already, pixel for pixel": 1}
    merged = CanonicalDataset.open(tmp_path / "merged")
    assert "night_like-a" in merged.splits["train"]  # beside the frame of train that it resembles
    assert len(merged.names) == 7


def test_shares_are_drawn_by_content_and_keep_who_is_where(tmp_path: Path, base: Path) -> None:
    seeds, shares = range(100, 140), Shares(val=0.25, test=0.25)
    new = staged(tmp_path, *seeds)
    (added,) = merge_sets(check_dataset(base), [new], tmp_path / "merged", shares, 7)
    assert sum(added.splits.values()) == 40
    assert all(4 <= added.splits[split] <= 28 for split in ("train", "val", "test"))
    turned = staged(tmp_path, *reversed(seeds), name="again")
    merge_sets(check_dataset(base), [turned], tmp_path / "turned", shares, 7)
    one, two = (CanonicalDataset.open(tmp_path / name).splits for name in ("merged", "turned"))
    for split in ("train", "val", "test"):
        there = {name for name in one[split] if "_" not in name}
        assert there == {name for name in two[split] if "_" not in name}
        places = {39 - int(name.split("_f")[1]) for name in two[split] if "_" in name}
        assert {int(name.split("_f")[1]) for name in one[split] if "_" in name} == places


def test_points_are_appended_as_they_stand(tmp_path: Path) -> None:
    base = sound(tmp_path / "base", with_points=True, with_masks=False)
    old = (base / "points.csv").read_text()
    new = staged(tmp_path, 100)
    merge_sets(check_dataset(base), [new], tmp_path / "merged", Shares(), 7)
    assert (tmp_path / "merged/points.csv").read_text() == old + "night_f0,21.0000,19.0000\n"
    assert not (tmp_path / "merged/masks").exists()
    assert check_dataset(tmp_path / "merged").errors == ()


def test_a_second_set_of_one_name_is_told_from_the_first(tmp_path: Path, base: Path) -> None:
    first = staged(tmp_path, 100)
    merge_sets(check_dataset(base), [first], tmp_path / "merged", Shares(), 7)
    shutil.rmtree(tmp_path / "inbox")
    second = staged(tmp_path, 101)
    (added,) = merge_sets(check_dataset(tmp_path / "merged"), [second], tmp_path / "more", Shares(), 7)
    assert added.name == f"night-{second.digest[:8]}"
    assert len(known_sets(tmp_path / "more")) == 2


def test_two_sets_that_come_to_one_name_both_come_in(tmp_path: Path, base: Path) -> None:
    sets = [staged(tmp_path, 100, name="a b"), staged(tmp_path, 101, name="a-b")]
    added = merge_sets(check_dataset(base), sets, tmp_path / "merged", Shares(), 7)
    assert [each.name for each in added] == ["a-b", f"a-b-{sets[1].digest[:8]}"]
    assert len(CanonicalDataset.open(tmp_path / "merged").names) == 7


def test_a_set_without_masks_does_not_go_into_a_dataset_with_them(tmp_path: Path, base: Path) -> None:
    with pytest.raises(DataError, match=r"night: has points and no masks, the dataset base has masks; add masks"):
        check_labels(base, staged(tmp_path, 100, masks=False))
    check_labels(base, staged(tmp_path, 100, name="day"))


def test_a_faulty_set_says_what_is_wrong(tmp_path: Path) -> None:
    folder = new_set(tmp_path / "inbox/night", 100, 101)
    (folder / "masks/f0.png").unlink()
    with pytest.raises(DataError, match="f0"):
        stage_set(folder, tmp_path / "staged")
    assert list(tmp_path.glob("staged/*")) == []
    (tmp_path / "inbox/empty").mkdir()
    (tmp_path / "inbox/empty/notes").touch()
    with pytest.raises(DataError, match="no known layout"):
        stage_set(tmp_path / "inbox/empty", tmp_path / "staged")


def test_one_frame_is_a_set(tmp_path: Path) -> None:
    new = staged(tmp_path, 100, name="Nacht 3, früh")
    assert (new.name, new.errors) == ("Nacht-3-fr-h", ())


@pytest.mark.parametrize(
    "record",
    [
        '{"counts": {"train": 1e999}}',
        '{"counts": {"train": "many"}}',
        '{"counts": [1]}',
        '{"additions": {"digest": 1}}',
        '{"additions": [[]]}',
        '{"soft_masks": "a"}',
        f'{{"counts": {{"train": {"9" * 5000}}}}}',
        '{"counts": ' + "[" * 100_000,
        "[]",
    ],
)
def test_a_hostile_dataset_json_is_named(base: Path, record: str) -> None:
    (base / "dataset.json").write_text(record)
    with pytest.raises(DataError, match=r"dataset\.json"):
        known_sets(base)


def test_frames_may_be_called_as_long_as_they_fit_behind_their_set(tmp_path: Path, base: Path) -> None:
    folder = new_set(tmp_path / "inbox/night", 100)
    for part in ("images", "masks"):
        (folder / part / "f0.png").rename(folder / part / f"{'ü' * 80}.png")
    check_files(folder)
    merge_sets(check_dataset(base), [stage_set(folder, tmp_path / "staged")], tmp_path / "merged", Shares(), 7)
    assert (tmp_path / f"merged/images/night_{'ü' * 80}.png").is_file()
    for part in ("images", "masks"):
        (folder / part / f"{'ü' * 80}.png").rename(folder / part / f"{'ü' * 100}.png")
    with pytest.raises(DataError, match="bytes"):
        check_files(folder)
