"""Promotions compute with the instruction set of the fits, whoever asks for them."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from irstd.cli.promoting import promote
from irstd.errors import RegistryError
from irstd.project.instructions import FIXED, fixed_part
from pipelines.door.command import use_fits_instructions

HOME = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with this one's settings, whose profile fixes the instruction set."""
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy2(HOME / name, tmp_path / name)
    shutil.copytree(HOME / "profiles", tmp_path / "profiles")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_by_the_clock_takes_that_of_train(project: Path) -> None:
    use_fits_instructions()
    assert fixed_part(os.environ) == FIXED


def test_faulty_settings_are_left_to_who_reads_them(project: Path) -> None:
    (project / "params.yaml").write_text("profile: none-of-these\n")
    use_fits_instructions()
    assert fixed_part(os.environ) == {}


def test_so_does_a_promotion_by_hand(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Mapping[str, str]] = []

    def promotes(*_: object) -> None:
        seen.append(fixed_part(os.environ))
        raise RegistryError("seen")

    monkeypatch.setattr("irstd.cli.promoting._registry", lambda: project)
    monkeypatch.setattr("irstd.promotion.by_hand.promote_version", promotes)
    with pytest.raises(RegistryError, match="seen"):
        promote("1")
    assert seen == [FIXED]
