import csv
import json
import shlex
import shutil
from pathlib import Path

import pytest

from irstd.frames import read_image
from tests.cli.running import fails, run
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS
from tests.curation.audit.test_duplicates import liken
from tests.curation.importers.published import CASES, names_of, write_list


def text(lines: list[str]) -> str:
    """A table's words, whatever the columns' widths."""
    return " ".join(" ".join(lines).split())


def test_a_sound_dataset_of_the_project(project: Path) -> None:
    sound(project / "data/raw/mine")
    ran = run("data", "check", "mine")
    assert (ran.code, ran.err) == (0, [])
    assert text(ran.out[:1]) == "split frames targets no target median px ≤9 ≤81 >81 median σ ≤4 ≤8 >8"
    assert ran.out[1].split()[:8] == ["train", "2", "3", "0", "9", "3", "0", "0"]
    out = project / "reports/audit/mine"
    assert ran.out[4] == "5 frames, 48 × 40 px, 1 channel, 8 bit"
    assert ran.out[5] == f"mine: 0 errors, 0 warnings; pictures in {out}/contact_sheet.png, all names in audit.json"
    assert sorted(path.name for path in out.iterdir()) == ["audit.json", "contact_sheet.png", "near_duplicates.csv"]
    assert read_image(out / "contact_sheet.png").shape[1] == 1356


def test_errors_come_first_and_end_with_exit_code_1(outside: Path) -> None:
    folder = sound(outside / "mine")
    for name in ("soft mask", "absent frames", "unreadable frame"):
        FAULTS[name].make(folder)
    ran = run("data", "check", "mine", "--out", "found")
    assert (ran.code, ran.err) == (1, [])
    rules = [line.split()[:3] for line in ran.out if line.startswith(("error", "warning"))]
    assert rules == [
        ["error", "unreadable-frame", "1"],
        ["error", "absent-frame", "2"],
        ["warning", "soft-mask", "1"],
    ]
    assert "splits/val.txt: 2 frames not in images; add them or remove their lines y, z" in text(ran.out)
    assert ran.out[-1].startswith("mine: 2 errors, 1 warning; pictures in found/contact_sheet.png")
    assert (outside / "found/contact_sheet.png").is_file()


def test_of_many_names_the_first_are_shown(outside: Path) -> None:
    folder = sound(outside / "mine")
    shutil.rmtree(folder / "masks")
    (folder / "masks").mkdir()
    shutil.copy(folder / "images/a.png", folder / "masks/zz.png")
    ran = run("data", "check", "mine")
    assert "a, b, c, d … and 1 more" in text(ran.out)
    assert "frame-without-mask 5" in text(ran.out)


def test_near_duplicates_are_written_and_no_error(outside: Path) -> None:
    liken(sound(outside / "mine"), "e", to="a", seed=8)
    assert run("data", "check", "mine").code == 0
    with (outside / "reports/audit/mine/near_duplicates.csv").open() as file:
        assert [(row["frame"], row["other"]) for row in csv.DictReader(file)] == [("e", "a")]


@pytest.mark.parametrize("fault", [None, "absent frames"])
def test_json_alone(outside: Path, fault: str | None) -> None:
    folder = sound(outside / "mine")
    if fault:
        FAULTS[fault].make(folder)
    ran = run("data", "check", "mine", "--json")
    assert (ran.code, ran.err) == (1 if fault else 0, [])
    content = "\n".join(ran.out) + "\n"
    assert [finding["rule"] for finding in json.loads(content)["findings"]] == (["absent-frame"] if fault else [])
    assert (outside / "reports/audit/mine/audit.json").read_text() == content


def test_the_dataset_is_only_read(outside: Path) -> None:
    folder = sound(outside / "mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    run("data", "check", folder)
    assert "lies in the dataset, which is only read" in fails("data", "check", "mine", "--out", "mine/found")
    assert "lies in the dataset, which is only read" in fails("data", "check", "mine", "--out", "mine")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_what_is_no_dataset_is_named(project: Path) -> None:
    home = project / "data/raw"
    assert fails("data", "check", "mine") == (
        f"error: mine: no such dataset; give a folder, or a name: {home} holds none"
    )
    sound(home / "other")
    assert fails("data", "check", "mine").endswith(f"in {home} there are other")
    assert "no such dataset" in fails("data", "check", "../other")
    (home / "empty").mkdir()
    assert fails("data", "check", "empty").endswith("images: no frames; a dataset holds them as images/NAME.png")
    assert not (project / "reports").exists()


def test_the_project_s_dataset_goes_before_a_folder_of_that_name(project: Path) -> None:
    sound(project / "data/raw/mine")
    (project / "some/where/mine").mkdir()
    assert run("data", "check", "mine").code == 0
    assert fails("data", "check", "./mine").endswith("images: no frames; a dataset holds them as images/NAME.png")


def test_a_place_that_cannot_be_written_to(outside: Path) -> None:
    sound(outside / "mine")
    (outside / "file").write_text("")
    assert "file/x: cannot be made (" in fails("data", "check", "mine", "--out", "file/x")


@pytest.mark.parametrize("layout", [layout for layout in CASES if layout != "plain"])
def test_a_set_as_published_is_to_be_imported_by_the_command_that_is_given(
    outside: Path, project: Path, layout: str
) -> None:
    source = CASES[layout].build(outside / "as published")
    if layout == "open-sirst":  # one of two sets of lists must be chosen
        for split in ("train", "val", "test"):
            write_list(source / f"splits/{split}_full.txt", *names_of(split))
    said = fails("data", "check", source)
    assert f"(layout {layout})" in said
    program, *command = shlex.split(said.partition("import it first: ")[2])
    assert program == "irstd"
    assert run(*command).code == 0
    assert (project / "data/raw/as-published/dataset.json").is_file()
    assert run("data", "check", "as-published").out[-1].startswith("as-published: ")


def test_boxes_as_published_are_imported_by_their_centres(outside: Path) -> None:
    source = CASES["basicirstd"].build(outside / "boxes")
    shutil.rmtree(source / "masks")
    shutil.rmtree(source / "img_idx")
    for path in (source / "images").iterdir():
        write_list(source / f"labels/{path.stem}.txt", "0 0.5 0.5 0.1 0.1")
    assert fails("data", "check", source).endswith(f"irstd data import {source} --name boxes --boxes centre")
