from pathlib import Path

import numpy as np
import pytest

from irstd.curation.pseudo_masks import POINTS_ALONE
from irstd.datasets.canonical import CanonicalDataset
from irstd.frames import write_png
from tests.cli.running import fails, run
from tests.datasets.build import build


def published(folder: Path) -> Path:
    """Three frames in the layout of open-sirst."""
    for part in ("mixed", "annotations/masks", "splits"):
        (folder / part).mkdir(parents=True)
    for split in ("train", "val", "test"):
        frame = np.full((20, 30), 40, dtype=np.uint8)
        mask = np.zeros((20, 30), dtype=np.uint8)
        mask[8:10, 9:11] = 255
        write_png(folder / "mixed" / f"{split}_1.png", frame)
        write_png(folder / "annotations/masks" / f"{split}_1_pixels0.png", mask)
        (folder / "splits" / f"{split}_v1.txt").write_text(f"{split}_1\n")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_demo_set_goes_to_the_project(project: Path) -> None:
    ran = run("data", "demo", "--frames", 5, "--seed", 3)
    folder = project / "data/raw/demo"
    assert (ran.code, ran.out, ran.err) == (0, [f"{folder}: 5 frames (3 train, 1 val, 1 test)"], [])
    assert len(CanonicalDataset.open(folder).names) == 5


def test_the_demo_set_outside_a_project_goes_here(outside: Path) -> None:
    ran = run("data", "demo", "--frames", 5, "--name", "small")
    assert ran.out == ["small: 5 frames (3 train, 1 val, 1 test)"]
    assert run("data", "demo", "--frames", 5, "--out", outside / "a/b").code == 0
    assert CanonicalDataset.open(outside / "a/b").info.name == "b"


def test_a_dataset_is_replaced_only_when_asked(outside: Path) -> None:
    run("data", "demo", "--frames", 5)
    before = contents(outside / "demo")
    assert fails("data", "demo", "--frames", 6).startswith("error: demo: exists already; choose another name")
    assert contents(outside / "demo") == before
    assert run("data", "demo", "--frames", 6, "--replace").code == 0
    assert len(CanonicalDataset.open(outside / "demo").names) == 6


def test_what_cannot_be_made_is_named(outside: Path) -> None:
    (outside / "file").write_text("")
    assert "at least 5 frames" in fails("data", "demo", "--frames", 4)
    assert "seed must be 0 or more" in fails("data", "demo", "--seed", -1)
    assert "'../x' is no dataset name" in fails("data", "demo", "--name", "../x")
    assert "file/x: cannot be written (" in fails("data", "demo", "--frames", 5, "--out", outside / "file/x")
    assert list(outside.iterdir()) == [outside / "file"]


def test_an_import_says_what_came_and_how_to_go_on(project: Path, tmp_path: Path) -> None:
    ran = run("data", "import", published(tmp_path / "source"), "--name", "mine")
    assert ran.code == 0, ran
    assert ran.out == [
        f"{project / 'data/raw/mine'}: 3 frames (1 train, 1 val, 1 test)",
        "splits: official",
        "next: irstd data check mine; dvc add data/raw/mine; `dataset: mine` in params.yaml; dvc repro",
        "or in one step, audited and versioned: "
        f"python -m pipelines.ingest {tmp_path / 'source'} --name mine --replace",
    ]
    assert "exists already" in fails("data", "import", tmp_path / "source", "--name", "mine")
    assert run("data", "import", tmp_path / "source", "--name", "mine", "--replace").code == 0


def test_an_import_of_points_alone_says_what_scores_need(project: Path, tmp_path: Path) -> None:
    source = build(tmp_path / "source", with_points=True, with_masks=False).folder
    assert f"warning: {POINTS_ALONE}" in run("data", "import", source, "--name", "mine").out
    ran = run("data", "import", source, "--name", "mine", "--masks", "points", "--replace")
    assert ran.code == 0
    assert not any(line.startswith("warning") for line in ran.out)
    assert CanonicalDataset.open(project / "data/raw/mine").has_masks


def test_an_import_outside_a_project_goes_here(outside: Path, tmp_path: Path) -> None:
    ran = run("data", "import", published(tmp_path / "source"), "--name", "mine", "--layout", "open-sirst")
    assert ran.out[0] == "mine: 3 frames (1 train, 1 val, 1 test)"
    assert ran.out[1] == "splits: official"
    assert ran.out[2].startswith("next: not inside an irstd project")


def test_one_of_several_sets_of_lists_is_chosen(outside: Path, tmp_path: Path) -> None:
    source = published(tmp_path / "source")
    for split, frames in (("train", "train_1\nval_1\n"), ("test", "test_1\n")):
        (source / "splits" / f"{split}_full.txt").write_text(frames)
    said = fails("data", "import", source, "--name", "x")
    assert said == f"error: {source}: holds the lists of full, v1; choose one of them (--lists NAME)"
    said = fails("data", "import", source, "--name", "x", "--lists", "fulll")
    assert said == "error: unknown set of lists 'fulll': did you mean full? known: full, v1"
    assert list(outside.iterdir()) == []
    ran = run("data", "import", source, "--name", "x", "--lists", "v1")
    assert ran.out[:2] == ["x: 3 frames (1 train, 1 val, 1 test)", "splits: official"]
    ran = run("data", "import", source, "--name", "y", "--lists", "full")
    assert ran.out[0] == "y: 3 frames (1 train, 1 val, 1 test)"
    assert ran.out[1] == f"splits: {CanonicalDataset.open(outside / 'y').info.splits}"
    assert "carved" in ran.out[1]


def test_the_seed_draws_the_splits_that_are_carved(outside: Path, tmp_path: Path) -> None:
    source = tmp_path / "plain"
    for part in ("images", "masks"):
        (source / part).mkdir(parents=True)
    for number in range(20):
        frame = np.random.default_rng(number).integers(0, 90, size=(20, 30), dtype=np.uint8)
        write_png(source / "images" / f"{number}.png", frame)
        write_png(source / "masks" / f"{number}.png", np.where(frame > 85, np.uint8(255), np.uint8(0)))
    for name, seed in (("default", []), ("zero", ["--seed", 0]), ("one", ["--seed", 1])):
        ran = run("data", "import", source, "--name", name, *seed)
        assert ran.out[0].startswith(f"{name}: 20 frames ("), ran
        assert f"seed {1 if name == 'one' else 0}" in ran.out[1]
    splits = {name: CanonicalDataset.open(outside / name).splits for name in ("default", "zero", "one")}
    assert splits["default"] == splits["zero"]
    assert set(splits["zero"]["test"]) != set(splits["one"]["test"])
    said = fails("data", "import", source, "--name", "x", "--seed", -1, code=2)
    assert said.startswith("error: Invalid value for '--seed'")


def test_a_source_that_cannot_be_imported_is_named(outside: Path, tmp_path: Path) -> None:
    source = published(tmp_path / "source")
    assert "nowhere: no such folder" in fails("data", "import", "nowhere", "--name", "x")
    assert "no known layout; looked for: open-sirst" in fails("data", "import", outside, "--name", "x")
    assert "unknown layout 'sirst': did you mean open-sirst?" in fails(
        "data", "import", source, "--name", "x", "--layout", "sirst"
    )
    (source / "mixed/val_1.png").write_text("no image")
    assert "mixed/val_1.png: no image that OpenCV can read" in fails("data", "import", source, "--name", "x")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["a/b", "", ".hidden"])
def test_a_name_that_is_none(outside: Path, name: str) -> None:
    assert f"'{name}' is no dataset name" in fails("data", "import", outside, "--name", name)


def test_joined_sets_go_to_the_project(project: Path, outside: Path) -> None:
    for name in ("one", "two"):
        assert run("data", "import", published(outside / name), "--name", name).code == 0
    ran = run("data", "join", "both", "one", project / "data/raw/two")
    assert (ran.code, ran.err) == (0, [])
    assert ran.out[0] == f"{project / 'data/raw/both'}: 6 frames (2 train, 2 val, 2 test)"
    assert "no such dataset" in fails("data", "join", "more", "one", "three")
