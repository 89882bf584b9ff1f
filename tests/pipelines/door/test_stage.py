"""The launcher of stages finds the project's interpreter, wherever DVC runs them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

STAGE = Path(__file__).parents[3] / "pipelines/stage"


def interpreter(folder: Path, given: Mapping[str, str]) -> str:
    """The name of the interpreter that takes a stage of the project copied to `folder`."""
    (folder / "pipelines").mkdir(parents=True, exist_ok=True)
    shutil.copy2(STAGE, folder / "pipelines/stage")
    environment = {name: value for name, value in os.environ.items() if name not in ("IRSTD_PYTHON", "VIRTUAL_ENV")}
    return subprocess.run(
        ["pipelines/stage", "code"],
        cwd=folder,
        env={**environment, **given},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def fake(place: Path, name: str) -> Path:
    """An interpreter that says its name."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho {name}\n")
    place.chmod(0o755)
    return place


@pytest.mark.parametrize("copy", [".", ".dvc/tmp/exps/standalone/tmpa", ".dvc/tmp/exps/tmp b%"])
def test_a_stage_takes_the_environment_of_the_project(tmp_path: Path, copy: str) -> None:
    project = tmp_path / "a project"
    fake(project / ".venv/bin/python", "own")
    active, named = fake(tmp_path / "active/bin/python", "active"), fake(tmp_path / "named", "named")
    assert interpreter(project / copy, {}) == "own"
    assert interpreter(project / copy, {"VIRTUAL_ENV": str(active.parents[1])}) == "active"
    assert interpreter(project / copy, {"IRSTD_PYTHON": str(named)}) == "named"


def test_without_an_environment_the_path_decides(tmp_path: Path) -> None:
    found = fake(tmp_path / "bin/python3", "path")
    assert interpreter(tmp_path / "project", {"PATH": f"{found.parent}:{os.environ['PATH']}"}) == "path"
