import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from irstd.frames import Frame, write_png
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Every test works in an empty folder that is no project; what it sets in the environment ends with it."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        del os.environ[name]
    monkeypatch.setattr("irstd.models.pretrained.FOLDER", tmp_path / "shipped")  # nothing, unless a test puts it there
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, and the working folder deep inside it."""
    folder = tmp_path / "project"
    (folder / "some/where").mkdir(parents=True)
    for name in ("params.yaml", "dvc.yaml"):
        (folder / name).write_text("")
    monkeypatch.chdir(folder / "some/where")
    return folder


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle without weights: a top-hat that operates at 0.7."""
    folder = tmp_path_factory.mktemp("bundles") / "tophat"
    settings = {"half_snr": 3.0}
    save_bundle(folder, build("tophat", settings), Bundle("tophat", settings, Rules(threshold=0.7)))
    return folder


@pytest.fixture
def shipped(tmp_path: Path, bundle: Path) -> Path:
    """The folder of the shipped bundle, which here is a copy of `bundle`."""
    return Path(shutil.copytree(bundle, tmp_path / "shipped"))


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A folder of an 8-bit frame with a target at (30, 12), a 16-bit one with one at (8, 20), and a flat one."""
    folder = tmp_path / "frames"
    (folder / "night").mkdir(parents=True)
    rng = np.random.default_rng(0)
    day: Frame = rng.integers(40, 43, (48, 64)).astype(np.uint8)
    day[11:14, 29:32] = 200
    night: Frame = (rng.integers(7000, 7003, (48, 64)) + 20 * np.arange(64)).astype(np.uint16)
    night[19:22, 7:10] = 12000
    write_png(folder / "day.png", day)
    write_png(folder / "night/deep.png", night)
    write_png(folder / "flat.png", np.full((48, 64), 90, dtype=np.uint8))
    return folder
