"""Sets that wait in an inbox."""

import os
import time
from pathlib import Path

import pytest

from irstd.curation.intake.waiting import look_into
from irstd.errors import DataError
from tests.curation.intake.build import new_set


def test_folders_are_sets_and_all_else_is_not(tmp_path: Path) -> None:
    new_set(tmp_path / "b", 1)
    new_set(tmp_path / "a", 2)
    new_set(tmp_path / ".arriving", 3)
    (tmp_path / "notes.txt").write_text("later")
    assert [found.name for found in look_into(tmp_path)] == ["a", "b"]


def test_no_inbox_holds_nothing_and_a_file_is_none(tmp_path: Path) -> None:
    assert look_into(tmp_path / "absent") == []
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file: cannot be read \(Not a directory\)"):
        look_into(tmp_path / "file")


def test_a_file_with_an_old_time_is_still_new(tmp_path: Path) -> None:
    folder = new_set(tmp_path / "a", 1)
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (0, 0))  # as a copying tool sets them
    (found,) = look_into(tmp_path)
    assert -1 < found.still < time.time() / 2


def test_a_file_that_vanishes_meanwhile_is_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_set(tmp_path / "a", 1)
    new_set(tmp_path / "b", 2)
    real = os.lstat

    def vanished(path: Path) -> os.stat_result:
        if Path(path).parent.parent.name == "a":
            raise FileNotFoundError(path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", vanished)
        found = look_into(tmp_path)
    assert [each.name for each in found] == ["a", "b"]
    assert found[0].still == 0
