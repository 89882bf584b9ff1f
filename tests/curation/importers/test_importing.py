"""Importing: which layout, what name, what progress, what is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.importers import LAYOUTS, detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError, UnknownNameError
from tests.curation.importers.published import (
    basic_irstd,
    coco,
    dnanet,
    irstd_1k,
    open_sirst,
    plain,
    write_image,
    write_json,
    write_list,
)


def test_unknown_layout_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="open-first") as caught:
        import_dataset(open_sirst(tmp_path / "published"), tmp_path, "mine", layout="open-first")
    assert all(name in str(caught.value) for name in LAYOUTS)


def test_unrecognised_folder_says_what_was_sought(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        detect_layout(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert len(str(caught.value).removeprefix(str(tmp_path))) < 250
    assert all(f"{name} ({layout.lacks(tmp_path)})" in str(caught.value) for name, layout in LAYOUTS.items())


def test_what_is_nearly_there_is_told(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "sirst")
    shutil.rmtree(source / "splits")
    write_list(source / "splits/trainvaltest_v1.txt", "a")
    with pytest.raises(DataError, match=r"open-sirst \(no splits/train_\*.txt\)"):
        detect_layout(source)
    source = basic_irstd(tmp_path / "basic")
    (source / "img_idx/train_NUDT-SIRST.txt").rename(source / "img_idx/mytrain.txt")
    with pytest.raises(DataError) as caught:
        detect_layout(source)
    for told in (
        "basicirstd (no img_idx/train_*.txt)",
        "dnanet (no 50_50/train.txt)",
        "plain (img_idx/mytrain.txt is no list in splits/)",
    ):
        assert told in str(caught.value)
    (tmp_path / "own/images").mkdir(parents=True)
    write_json(tmp_path / "own/annotations/train.json", {"images": []})
    with pytest.raises(DataError) as caught:
        detect_layout(tmp_path / "own")
    for said in ("spire (annotations/train.json: no list 'annotations')", "plain (no masks/ and no points.csv)"):
        assert said in str(caught.value)


def test_plain_folders_are_told_only_where_no_other_layout_fits(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    write_json(source / "annotations/all.json", coco("a", "b"))
    assert detect_layout(source) == "spire"


def test_a_set_one_folder_deeper_is_named(tmp_path: Path) -> None:
    source = plain(tmp_path / "download/my-set")
    with pytest.raises(DataError, match="no known layout, but its folder 'my-set' has one; give ") as caught:
        detect_layout(tmp_path / "download")
    assert str(caught.value).endswith(str(source))


def test_two_layouts_in_one_folder_are_to_be_chosen_from(tmp_path: Path) -> None:
    source = dnanet(basic_irstd(tmp_path / "published"))
    with pytest.raises(DataError, match=r"has the layouts basicirstd and dnanet; choose one of them \(--layout NAME\)"):
        detect_layout(source)
    import_dataset(source, tmp_path, "mine", layout="dnanet")


@pytest.mark.parametrize("layout", [None, "open-sirst"])
def test_missing_source(tmp_path: Path, layout: str | None) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder; give the one that holds the dataset"):
        import_dataset(tmp_path / "nowhere", tmp_path, "mine", layout=layout)


@pytest.mark.parametrize("name", ["a/b", "../b", "", ".", "/tmp/b", "a b"])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"is no dataset name"):
        import_dataset(open_sirst(tmp_path / "published"), tmp_path / "raw", name)
    assert not (tmp_path / "raw").exists()


def test_the_target_is_replaced_only_when_asked(tmp_path: Path) -> None:
    source = open_sirst(tmp_path / "published")
    import_dataset(source, tmp_path, "mine")
    with pytest.raises(DataError, match="mine: exists already; choose another name"):
        import_dataset(source, tmp_path, "mine")
    import_dataset(source, tmp_path, "mine", replace=True)
    with pytest.raises(DataError, match="published: is no dataset"):
        import_dataset(source, tmp_path, "published", replace=True)


def test_a_source_is_not_replaced_by_itself(tmp_path: Path) -> None:
    source = import_dataset(open_sirst(tmp_path / "published"), tmp_path, "mine")
    before = fingerprint(source)
    with pytest.raises(DataError, match=r"mine: contains the source .*mine"):
        import_dataset(source, tmp_path, "mine", replace=True)
    assert fingerprint(source) == before
    again = CanonicalDataset.open(import_dataset(source, tmp_path, "again"))
    assert again.splits == CanonicalDataset.open(source).splits


def test_progress_counts_the_frames_written(tmp_path: Path) -> None:
    steps = list[tuple[int, int]]()

    def note(done: int, total: int) -> None:
        steps.append((done, total))

    import_dataset(open_sirst(tmp_path / "whole"), tmp_path, "one", progress=note)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    steps.clear()
    import_dataset(basic_irstd(tmp_path / "without-val"), tmp_path, "two", progress=note)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_seed_decides_what_is_carved(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")

    def val(name: str, seed: int) -> tuple[str, ...]:
        return CanonicalDataset.open(import_dataset(source, tmp_path, name, seed=seed)).splits["val"]

    vals = [val(f"seed-{seed}", seed) for seed in range(8)]
    assert val("again", 5) == vals[5]
    assert len(set(vals)) > 1
    with pytest.raises(DataError, match="the seed of carved splits must be 0 or more, got -1"):
        val("negative", -1)


@pytest.mark.parametrize("seed", range(4))
def test_near_duplicates_stay_on_one_side(tmp_path: Path, seed: int) -> None:
    source, rng = tmp_path / "published", np.random.default_rng(2)
    for scene in range(5):
        frame = rng.integers(0, 200, (32, 40), dtype=np.uint8)
        for copy in range(3):
            write_image(source / f"images/{copy}-{scene}.png", frame + np.uint8(copy))
    (source / "points.csv").write_text("frame,x,y\n0-0,3,4\n")
    splits = CanonicalDataset.open(import_dataset(source, tmp_path, "mine", seed=seed)).splits
    assert {split: len(names) for split, names in splits.items()} == {"train": 9, "val": 3, "test": 3}
    scenes = [{name[-1] for name in names} for names in splits.values()]
    assert sum(map(len, scenes)) == 5


def test_without_lists_all_splits_are_carved_and_it_is_said(tmp_path: Path) -> None:
    for build, names in ((irstd_1k, ("trainval.txt", "test.txt")), (plain, ("splits",))):
        source = build(tmp_path / build.__name__)
        for name in names:
            path = source / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        dataset = CanonicalDataset.open(import_dataset(source, tmp_path, f"{build.__name__}-mine"))
        assert {split: len(names) for split, names in dataset.splits.items()} == {"train": 2, "val": 1, "test": 1}
        assert dataset.info.splits == (
            "test: carved, 1 of 4 train frames, seed 0; val: carved, 1 of 3 train frames, seed 0"
        )


def test_what_is_known_of_the_authors_is_noted(tmp_path: Path) -> None:
    info = CanonicalDataset.open(import_dataset(basic_irstd(tmp_path / "any"), tmp_path, "mine")).info
    assert (info.name, "TIP 2023" in info.citation) == ("mine", True)
    source = basic_irstd(tmp_path / "NUDT-SIRST")
    for role in ("train", "test"):
        (source / f"img_idx/{role}_NUDT-SIRST.txt").rename(source / f"img_idx/{role}.txt")
    assert "TIP 2023" in CanonicalDataset.open(import_dataset(source, tmp_path, "nudt")).info.citation
    info = CanonicalDataset.open(import_dataset(open_sirst(tmp_path / "v1"), tmp_path, "v1-mine")).info
    assert "WACV 2021" in info.citation
    info = CanonicalDataset.open(import_dataset(dnanet(tmp_path / "nuaa_sirst"), tmp_path, "nuaa")).info
    assert info.source.startswith("SIRST-V1")
    info = CanonicalDataset.open(import_dataset(dnanet(tmp_path / "ours"), tmp_path, "ours-mine")).info
    assert (info.source, info.citation, info.licence) == ("'ours', in the layout dnanet", "not known", "not known")


def test_carving_keeps_sequences_together(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for index in range(60):
        name = f"clip{index // 4:02d}_{index:03d}"
        write_image(tmp_path / f"set/images/{name}.png", rng.integers(0, 200, (20, 20), dtype=np.uint8))
    (tmp_path / "set/points.csv").write_text("frame,x,y\nclip00_000,3,4\n")
    splits = CanonicalDataset.open(import_dataset(tmp_path / "set", tmp_path, "mine")).splits
    clips = {split: {name.split("_")[0] for name in names} for split, names in splits.items()}
    assert {split: len(names) for split, names in splits.items()} == {"train": 40, "val": 8, "test": 12}
    assert sum(map(len, clips.values())) == 15
