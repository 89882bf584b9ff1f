"""Only regular files are read: a FIFO where a file is named ends in one line, and is not waited for."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.fdep.weights import find_weights
from irstd.models.registry import build
from irstd.training.__main__ import main as train
from tests.cli.running import run
from tests.curation.audit.build import sound
from tests.curation.intake.build import new_set


def fifo(path: Path) -> Path:
    """A FIFO in the place of what was there."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def in_dataset(name: str) -> Callable[[Path], list[object]]:
    """Score a dataset in which a file is a FIFO."""

    def command(folder: Path) -> list[object]:
        fifo(sound(folder / "set", with_points=True) / name)
        (folder / "table.csv").write_text("frame,x,y,score\n")
        return ["score", "--detections", folder / "table.csv", "--truth", folder / "set"]

    return command


def in_source(name: str) -> Callable[[Path], list[object]]:
    """Import a dataset in which a file is a FIFO."""

    def command(folder: Path) -> list[object]:
        source = new_set(folder / "source", 100, 101, 102, masks=name != "points.csv")
        fifo(source / name)
        return ["data", "import", source, "--name", "new"]

    return command


def response(suffix: str) -> Callable[[Path], list[object]]:
    def command(folder: Path) -> list[object]:
        fifo(folder / f"responses/d.{suffix}")
        shutil.copytree(sound(folder / "set") / "masks", folder / "masks")
        return ["score", "--responses", folder / "responses", "--truth", folder / "masks"]

    return command


def in_bundle(name: str) -> Callable[[Path], list[object]]:
    def command(folder: Path) -> list[object]:
        save_bundle(folder / "bundle", build("spire", {}), Bundle("spire", {}, Rules()))
        fifo(folder / "bundle" / name)
        return ["detect", sound(folder / "set") / "images", "--model", folder / "bundle"]

    return command


COMMANDS: dict[str, Callable[[Path], list[object]]] = {
    "detect FRAME": lambda folder: ["detect", fifo(folder / "a.png"), "--model", bundle(folder)],
    "detect --model": lambda folder: ["detect", sound(folder / "set") / "images", "--model", fifo(folder / "bundle")],
    "bundle.json": in_bundle("bundle.json"),
    "weights.safetensors": in_bundle("weights.safetensors"),
    "models import-spire": lambda folder: ["models", "import-spire", fifo(folder / "a.safetensors"), "--out", "bundle"],
    "a pickle": lambda folder: ["models", "import-spire", fifo(folder / "a.pth"), "--out", "bundle"],
    "score --detections": lambda folder: [
        "score",
        "--detections",
        fifo(folder / "a"),
        "--truth",
        sound(folder / "set"),
    ],
    "score --truth": lambda folder: ["score", "--detections", folder / "set/points.csv", "--truth", fifo(folder / "a")],
    "compare": lambda folder: ["compare", fifo(folder / "a/counts.parquet"), folder / "a"],
    "response .npy": response("npy"),
    "response .tif": response("tif"),
    "response .png": response("png"),
    "mask of the truth": in_dataset("masks/d.png"),
    "list of the truth": in_dataset("splits/test.txt"),
    "list to import": in_source("splits/train.txt"),
    "frame to import": in_source("images/f0.png"),
    "mask to import": in_source("masks/f0.png"),
    "data check": lambda folder: ["data", "check", fifo(sound(folder / "set") / "images/a.png").parents[1]],
}


def bundle(folder: Path) -> Path:
    save_bundle(folder / "model", build("tophat", {}), Bundle("tophat", {}, Rules()))
    return folder / "model"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_fifo_is_not_waited_for(outside: Path, command: str) -> None:
    ran = run(*COMMANDS[command](outside / "given"))
    assert ran.code == 1
    assert not any("Traceback" in line for line in ran.err)
    assert len(ran.err) <= 1 or command == "data check"


@pytest.mark.parametrize("option", ["--profile", "DATASET"])
def test_nor_by_a_fit(outside: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = str(fifo(outside / "fifo"))
    assert train([given, "--out", "o"] if option == "DATASET" else ["set", option, given, "--out", "o"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_nor_for_weights_of_a_foundation_model(outside: Path) -> None:
    with pytest.raises(Exception, match=r"a\.safetensors"):
        find_weights("vit_small_patch16_224", str(fifo(outside / "a.safetensors")))
