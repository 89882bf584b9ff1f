"""A small project in a folder of its own, and the real services under it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from irstd.curation.demo import make_demo
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from tests.road.once import prefect_home

ROOT = Path(__file__).parents[2]
FRAMES = 15


def tiny(content: dict[str, Any]) -> None:
    """params.yaml of a road that takes seconds: a learned variant and the floor on 15 synthetic frames."""
    content["dataset"] = "tiny"
    content["labels"].update(size=64)
    content["tune"].update(trials=2, steps=2)
    content["train"].update(steps=4, batch=2, crop=64, validate_every=2)
    del content["variants"]["spire-plus"]
    content["variants"]["tophat"] = {}
    content["variants"]["spire"]["search"] = {"train.learning_rate": [0.001, 0.002]}
    content["references"] = {"twin": "outputs/tiny/bundles/spire"}
    content["evaluate"]["overlays"] = 2
    content["compute"].update(trial={"cpus": 1, "gpus": 0}, fit={"cpus": 1, "gpus": 0})


def lay_out(folder: Path) -> Path:
    """The tiny project's settings and stages in `folder`."""
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    tiny(content)
    (folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    shutil.copytree(ROOT / "profiles", folder / "profiles", dirs_exist_ok=True)
    for stages in ("dvc.yaml", "data/dvc.yaml"):
        (folder / stages).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / stages, folder / stages)
    return folder


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A canonical dataset of a few synthetic frames."""
    folder = tmp_path_factory.mktemp("raw") / "tiny"
    make_demo(folder, FRAMES, 3)
    return folder


@pytest.fixture(scope="session")
def make_project(tiny_dataset: Path) -> Callable[[Path], Path]:
    """Lay out a project with the tiny dataset and its settings in a folder."""

    def make(folder: Path) -> Path:
        shutil.copytree(tiny_dataset, folder / "data" / "raw" / "tiny")
        return lay_out(folder)

    return make


@pytest.fixture(scope="package")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One Prefect server and one Ray cluster for all flows of this package; other packages have a Ray of their own."""
    from pipelines.servers.embedded import prefect_server, ray_head  # noqa: PLC0415 - only where flows are tested

    prefect_home(tmp_path_factory, Path(os.environ["PREFECT_HOME"]))
    with prefect_server(), ray_head():
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[[Path], Path]) -> Iterator[Path]:
    """A tiny project, entered."""
    folder = make_project(tmp_path_factory.mktemp("project"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


@pytest.fixture(scope="module")
def settings(project: Path) -> Settings:
    """The tiny project's settings."""
    return load_settings(project / "params.yaml")
