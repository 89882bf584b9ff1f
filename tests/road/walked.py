"""One project on which the main job has run, made once a test run and copied by whoever changes it."""

import shutil
from pathlib import Path

import pytest

from irstd.curation.demo import make_demo
from tests.pipelines.conftest import FRAMES, lay_out
from tests.road.once import made_once
from tests.road.project import call, clone, git

SAID = "var/said.txt"
"""The main job's output, a file of the walked project."""


def copy_walked(factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Copy the walked project to `folder`, a new one; the workers of pytest-xdist share it."""
    return Path(shutil.copytree(made_once(factory, "walked", _walk), folder, symlinks=True))


def _walk(folder: Path) -> None:
    clone(folder, _lay_out)
    said = call(folder, "pipelines.reproduce", "--promote")
    (folder / SAID).write_text(said)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "the lock and the metrics")


def _lay_out(folder: Path) -> Path:
    make_demo(folder / "data/raw/tiny", FRAMES, 3)
    return lay_out(folder)
