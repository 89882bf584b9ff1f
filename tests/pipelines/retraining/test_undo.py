"""Undoing a retraining: data, outputs, metrics, lock and pointer are put back."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from irstd.project.paths import Layout
from pipelines.door import dvc
from pipelines.retraining.undo import forget, pending, remember, undo

STAGES = """
stages:
  prepare:
    cmd: mkdir -p data/prepared && cp data/raw/d/a data/prepared/a
    deps: [data/raw/d]
    outs: [{data/prepared: {persist: true}}]
  score:
    cmd: mkdir -p outputs/d/scores/v && cp data/prepared/a outputs/d/scores/v/hse.json && test ! -e broken
    deps: [data/prepared]
    metrics: [{outputs/d/scores/v/hse.json: {cache: false, persist: true}}]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of two small stages, run once."""
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").write_text(STAGES)
    (tmp_path / "data/raw/d").mkdir(parents=True)
    (tmp_path / "data/raw/d/a").write_text("1")
    dvc.add(Path("data/raw/d"))
    dvc.repro(lambda _line: None)
    return tmp_path


def state() -> dict[str, str]:
    files = [path for part in ("data", "outputs") for path in sorted(Path(part).rglob("*")) if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in (*files, Path("dvc.lock"))}


def learn(text: str) -> None:
    """Another version of the dataset."""
    Path("data/raw/d/a").write_text(text)
    Path("data/raw/d/b").write_text(text)
    dvc.add(Path("data/raw/d"))
    dvc.repro(lambda _line: None)


@pytest.mark.slow
def test_what_a_killed_run_changed_is_put_back(project: Path) -> None:
    before = state()
    remember(Layout("d"))
    learn("2")
    Path("data/raw/d/a").write_text("in the middle of another write")
    assert state() != before
    assert pending()
    undo()
    assert (state(), pending(), dvc.up_to_date()) == (before, False, True)
    undo()  # nothing to undo
    assert state() == before


@pytest.mark.slow
def test_a_stage_that_failed_half_way_is_put_back_too(project: Path) -> None:
    before = state()
    remember(Layout("d"))
    Path("broken").touch()
    with pytest.raises(Exception, match="score"):
        learn("2")
    undo()
    assert state() == before


@pytest.mark.slow
def test_what_is_to_stay_stays(project: Path) -> None:
    remember(Layout("d"))
    learn("2")
    after = state()
    forget()
    undo()
    assert (state(), pending()) == (after, False)
