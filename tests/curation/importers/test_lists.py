"""Lists of splits."""

from pathlib import Path

import pytest

from irstd.curation.importers import import_dataset
from irstd.curation.importers.lists import Lists, find_lists, read_lists
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError, UnknownNameError
from tests.curation.importers.published import basic_irstd, dnanet, irstd_1k, open_sirst, plain, write_list

KNOWN = {name: name for name in "abcdef"}


def lists(folder: Path, **content: str | list[str]) -> Lists:
    """A set with one list a role, its frames the letters."""
    for role, names in content.items():
        write_list(folder / f"{role}_X.txt", *names)
    return find_lists([folder])["X"]


def test_sets_are_told_by_suffix_or_folder(tmp_path: Path) -> None:
    for name in ("train_v1", "test_v1", "trainval_full", "trainvaltest_full", "mini_test", "notes", "train"):
        write_list(tmp_path / f"splits/{name}.txt", "a")
    write_list(tmp_path / "50_50/train.txt", "a")
    write_list(tmp_path / "50_50/test_v1.txt", "a")
    found = find_lists([tmp_path / "splits", tmp_path / "50_50", tmp_path / "nowhere"])
    assert {name: sorted(each.paths) for name, each in found.items()} == {
        "50_50": ["train"],
        "50_50/v1": ["test"],
        "full": ["trainval"],
        "splits": ["train"],
        "splits/v1": ["test", "train"],
    }


def test_train_and_val_may_be_told_by_trainval(tmp_path: Path) -> None:
    told = {"train": ("d", "a"), "val": ("c", "b"), "test": ("f",)}
    assert read_lists(lists(tmp_path / "1", train="da", val="cb", test="f"), KNOWN) == told
    assert read_lists(lists(tmp_path / "2", train="da", trainval="cdba", test="f"), KNOWN) == told
    assert read_lists(lists(tmp_path / "3", trainval="dcba", val="cb", test="f"), KNOWN) == told | {"train": ("d", "a")}
    assert read_lists(lists(tmp_path / "4", trainval="dcba", test="f"), KNOWN) == {
        "train": ("d", "c", "b", "a"),
        "test": ("f",),
    }
    assert read_lists(lists(tmp_path / "5", train="da", trainval="ad", test="f"), KNOWN) == {
        "train": ("d", "a"),
        "test": ("f",),
    }


def test_what_is_wrong_with_a_list_is_told(tmp_path: Path) -> None:
    def fails(message: str, **content: str | list[str]) -> None:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        with pytest.raises(DataError, match=message):
            read_lists(lists(folder, **content), KNOWN)

    fails(r"train_X.txt: has no test list beside it; the download is incomplete", train="a")
    fails(r"test_X.txt: is empty; it needs at least one frame name a line", train="a", test="")
    fails(
        r"train_X.txt: frame 'y' is not there \(2 of 3 are not\); a line names a frame",
        train="ayz",
        test="b",
    )
    fails(r"train_X.txt: 'a b' names the frames a and b; write one a line", train=["a b"], test="c")
    fails(r"train_X.txt: frame 'b' is listed twice; remove one", train="abcb", test="d")
    fails(r"test_X.txt: frame 'b' is in train already", train="ab", test="cb")
    fails(r"val_X.txt: frame 'a' is in train already", train="ab", val="a", test="c")


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a.jpg",
        "./images/a.png",
        "C:\\set\\a.bmp",
        "a 1",
        "a,7",
        "images/a.png masks/a_mask.png",
        "a_gt.png",
    ],
)
def test_a_line_may_have_folders_suffixes_and_a_second_column(tmp_path: Path, line: str) -> None:
    assert read_lists(lists(tmp_path, train=[line], test="b"), KNOWN)["train"] == ("a",)


def test_names_may_have_a_suffix_and_blanks_and_a_byte_order_mark(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    (source / "img_idx/train_NUDT-SIRST.txt").write_bytes(b"\xef\xbb\xbfc.png\r\n\r\n  a.png \r\nb\r\n")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert {*dataset.splits["train"], *dataset.splits["val"]} == {"a", "b", "c"}


def test_frames_in_no_list_are_left_out_and_it_is_said(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    write_list(source / "splits/train_v1.txt", "b")
    (source / "annotations/masks/a_pixels0.png").unlink()
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert dataset.names == ("b", "c", "d")
    assert dataset.info.splits == "official; left out: 1 of 4 frames, in no list"


def test_one_of_several_sets_is_chosen(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    for role, name in (("train", "d"), ("val", "a"), ("test", "c")):
        write_list(source / f"splits/{role}_full.txt", name)
    with pytest.raises(DataError, match=r"holds the lists of full, v1; choose one of them \(--lists NAME\)"):
        import_dataset(source, tmp_path, "mine")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine", lists="full"))
    assert dataset.splits == {"train": ("d",), "val": ("a",), "test": ("c",)}
    assert dataset.info.source.startswith("SIRST-V2")
    with pytest.raises(UnknownNameError, match=r"unknown set of lists 'v2': .*known: full, v1"):
        import_dataset(source, tmp_path, "other", lists="v2")


def test_dnanets_lists_may_lie_in_any_folder(tmp_path: Path) -> None:
    source = dnanet(tmp_path / "published")
    (source / "50_50").rename(source / "10000_100")
    import_dataset(source, tmp_path, "renamed")
    for role in ("train", "test"):
        (source / f"10000_100/{role}.txt").rename(source / f"{role}.txt")
    import_dataset(source, tmp_path, "beside")
    assert CanonicalDataset.open(tmp_path / "beside").splits == CanonicalDataset.open(tmp_path / "renamed").splits
    write_list(source / "80_20/train.txt", "a", "b")
    write_list(source / "80_20/test.txt", "c", "d")
    with pytest.raises(DataError, match="holds the lists of 80_20, published; choose one"):
        import_dataset(source, tmp_path, "either")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "chosen", lists="80_20"))
    assert dataset.splits["test"] == ("c", "d")


def test_irstd_1ks_lists_may_lie_in_a_folder(tmp_path: Path) -> None:
    source = irstd_1k(tmp_path / "published")
    (source / "img_idx").mkdir()
    (source / "trainval.txt").rename(source / "img_idx/train_IRSTD-1K.txt")
    (source / "test.txt").rename(source / "img_idx/test_IRSTD-1K.txt")
    assert CanonicalDataset.open(import_dataset(source, tmp_path, "mine")).splits["test"] == ("d",)
    with pytest.raises(UnknownNameError, match="unknown set of lists 'other': known: IRSTD-1K"):
        import_dataset(source, tmp_path, "other", lists="other")
    for role in ("train", "test"):
        (source / f"img_idx/{role}_IRSTD-1K.txt").unlink()
    with pytest.raises(DataError, match="published: has no lists of splits"):
        import_dataset(source, tmp_path, "other", lists="IRSTD-1K")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"train", "test"}, "train, test: official; val: carved, 1 of 2 train frames, seed 0"),
        ({"train", "val"}, "train, val: official; test: carved, 1 of 2 train frames, seed 0; left out: 1 of 4 frames"),
        ({"val", "test"}, "val, test: official; train: the frames in no list"),
        ({"test"}, "test: official; train: the frames in no list; val: carved, 1 of 3 train frames, seed 0"),
    ],
)
def test_plain_folders_may_have_some_lists(tmp_path: Path, kept: set[str], told: str) -> None:
    source = plain(tmp_path / "published")
    for split in {"train", "val", "test"} - kept:
        (source / f"splits/{split}.txt").unlink()
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert dataset.info.splits.startswith(told)
    for split, names in (("val", ("c",)), ("test", ("d",))):
        assert dataset.splits[split] == names or split not in kept
