"""An exported file where torch cannot be imported."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from irstd.frames import write_png
from tests.export.build import exported, frames, loaded, needs_onnx, write

pytestmark = needs_onnx

ROOT = Path(__file__).parents[2]
BLOCKED = "import sys; sys.modules.update(dict.fromkeys({names!r})); "


def without(names: tuple[str, ...], code: str, *arguments: object) -> str:
    """What the code prints where packages cannot be imported."""
    command = [sys.executable, "-c", BLOCKED.format(names=names) + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "frames").mkdir()
    for name, frame in frames().items():
        write_png(tmp_path / f"frames/{name}.png", frame)
    return tmp_path


def expected(name: str) -> pd.DataFrame:
    """The detections of the bundle in all frames, by the frames' names."""
    parts = [
        pd.DataFrame({"frame": each, "x": found.points[:, 0], "y": found.points[:, 1], "score": found.scores})
        for each, found in ((each, loaded(name)(frame)) for each, frame in sorted(frames().items()))
    ]
    return pd.concat(parts, ignore_index=True)


def assert_found(table: Path, name: str) -> None:
    found, true = pd.read_csv(table), expected(name)
    assert len(true)
    assert [Path(each).stem for each in found["frame"]] == list(true["frame"])
    np.testing.assert_allclose(found[["x", "y"]], true[["x", "y"]], atol=2e-3)
    np.testing.assert_allclose(found["score"], true["score"], atol=2e-4)


@pytest.mark.parametrize("name", ["spire", "spire-plus", "acm", "tophat"])
def test_the_example_finds_what_the_bundle_finds(name: str, folder: Path) -> None:
    model = write(folder, exported(name))
    run = f"import runpy; runpy.run_path({str(ROOT / 'examples/detect_onnx.py')!r}, run_name='__main__')"
    pictures = sorted((folder / "frames").glob("*.png"))
    printed = without(("torch", "irstd", "scipy", "onnx"), run, model, *pictures)
    (folder / "found.csv").write_text(printed)
    assert_found(folder / "found.csv", name)


def test_irstd_detect_needs_no_torch(folder: Path) -> None:
    model = write(folder, exported("spire-plus"))
    run = "from irstd.cli import main; main()"
    options = ("--model", model, "--out", folder / "out", "--no-overlays")
    printed = without(("torch", "onnx"), run, "detect", folder / "frames", *options)
    assert "spire-plus" in printed
    assert_found(folder / "out/detections.csv", "spire-plus")
