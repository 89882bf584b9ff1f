"""The table of results: rows are scored once, and belong to one bundle and its frames."""

import sys
from pathlib import Path

import pytest

from benchmarks.results_table import ROW_FILE, main
from irstd.curation.demo import make_demo
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    save_bundle(tmp_path / "hat", build("tophat", {}), Bundle("tophat", {}, Rules(0.3)))
    return tmp_path / "hat"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    make_demo(tmp_path / "tiny", 10, 3)
    return tmp_path / "tiny"


def ran(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["results_table", *map(str, arguments)])
    return main()


def test_a_row_is_scored_once_and_compared(
    bundle: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (dataset, "--out", tmp_path / "rows", f"hat={bundle}", f"low={bundle}@0.1")
    assert ran(monkeypatch, *given) == 0
    first = capsys.readouterr().out
    kept = (tmp_path / "rows/hat" / ROW_FILE).stat().st_mtime_ns
    assert ran(monkeypatch, *given) == 0
    assert capsys.readouterr().out == first
    assert (tmp_path / "rows/hat" / ROW_FILE).stat().st_mtime_ns == kept
    table = [line for line in first.splitlines() if line.startswith("|")]
    assert [line.split(" | ")[0] for line in table[2:]] == ["| hat", "| low"]
    assert "minus hat: HSE-2, AP target, F1, IoU" in first
    assert "F1 within 1, 2, 3, 4, 5 px" in first


def test_another_threshold_under_a_name_is_refused(
    bundle: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (dataset, "--out", tmp_path / "rows", "--split", "val")
    assert ran(monkeypatch, *given, f"hat={bundle}") == 0
    assert ran(monkeypatch, *given, f"hat={bundle}@0.5") == 1
    assert "is the row of another bundle or of other frames" in capsys.readouterr().err
