"""The audit in files."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.curation.audit.contact_sheet import draw_contact_sheet
from irstd.curation.audit.record import audit_json, write_audit
from irstd.datasets.prepared import read_near_duplicates
from irstd.errors import DataError
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS
from tests.curation.audit.test_duplicates import liken


def test_the_same_bytes_wherever_the_dataset_lies(tmp_path: Path) -> None:
    here, there = tmp_path / "here/set", tmp_path / "there/deep/set"
    sound(here)
    liken(here, "e", to="a", seed=8)
    for name in ("unreadable frame", "soft mask", "absent frames", "missing split"):
        FAULTS[name].make(here)
    shutil.copytree(here, there)
    for number, folder in enumerate((here, there)):
        write_audit(tmp_path / str(number), check_dataset(folder))
    for name in ("audit.json", "near_duplicates.csv"):
        text = (tmp_path / "0" / name).read_bytes()
        assert text == (tmp_path / "1" / name).read_bytes()
        assert str(tmp_path).encode() not in text


def test_what_stands_in_the_files(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    liken(folder, "c", to="b", seed=7)
    liken(folder, "e", to="a", seed=8)
    audit = check_dataset(folder)
    write_audit(tmp_path / "out", audit)
    content = json.loads((tmp_path / "out/audit.json").read_text())
    assert list(content) == ["dataset", "findings", "statistics"]
    assert content["dataset"] == "set"
    assert content["findings"][0] == {
        "severity": "warning",
        "rule": "near-duplicates",
        "message": audit.findings[0].message,
        "names": ["e"],
    }
    assert content["statistics"]["splits"]["val"]["area_px"]["median"] == 9.0
    test, val = audit.near_duplicates
    assert (tmp_path / "out/near_duplicates.csv").read_text() == (
        "split,frame,other_split,other,correlation\n"
        f"test,e,train,a,{test.correlation:.6f}\nval,c,train,b,{val.correlation:.6f}\n"
    )
    assert read_near_duplicates(tmp_path / "out") == {"e"}


def test_names_that_look_like_numbers_or_nothing_stay_names(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    liken(folder, "d", to="a", seed=7)
    liken(folder, "e", to="b", seed=8)
    for old, new in (("d", "007"), ("e", "nan")):
        for part in ("images", "masks"):
            (folder / part / f"{old}.png").rename(folder / part / f"{new}.png")
    (folder / "splits/test.txt").write_text("007\nnan\n")
    write_audit(tmp_path / "out", check_dataset(folder))
    assert read_near_duplicates(tmp_path / "out") == {"007", "nan"}


def test_without_near_duplicates_the_table_is_empty(tmp_path: Path) -> None:
    write_audit(tmp_path / "out", check_dataset(sound(tmp_path / "set")))
    assert (tmp_path / "out/near_duplicates.csv").read_text() == "split,frame,other_split,other,correlation\n"
    assert read_near_duplicates(tmp_path / "out") == frozenset()


def test_a_table_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"near_duplicates.csv: cannot be read"):
        read_near_duplicates(tmp_path)
    for text in ("", "frame\na\n", 'split,frame\n"a'):
        (tmp_path / "near_duplicates.csv").write_text(text)
        with pytest.raises(DataError, match=r"near_duplicates.csv: .*; prepare the dataset again"):
            read_near_duplicates(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_name_that_is_no_text_is_written_as_escapes(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    odd = os.fsdecode(b"b\xe4r")
    shutil.copy(folder / "images/c.png", folder / f"images/{odd}.png")
    audit = check_dataset(folder)
    write_audit(tmp_path / "out", audit)
    assert json.loads(audit_json(audit))["findings"][0]["names"] == [odd]
    draw_contact_sheet(audit)
