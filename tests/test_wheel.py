"""The wheel, away from the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def checkout(folder: Path) -> Path:
    """Return a folder with the files that a wheel is built from; it gets a tiny bundle if none is shipped."""
    shutil.copytree(ROOT / "irstd", folder / "irstd", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    if not (folder / "irstd/pretrained").exists():
        save_bundle(folder / "irstd/pretrained", build("tophat", {}), Bundle("tophat", {}, Rules()))
    return folder


def test_the_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    build_wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    source = checkout(tmp_path / "checkout")
    subprocess.run([*build_wheel, "--wheel-dir", str(tmp_path), str(source)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("irstd-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            "irstd",
            f"{wheel.stem.partition('-py3')[0]}.dist-info",
        }
        archive.extractall(tmp_path / "site")
    code = (
        "import pathlib, irstd, irstd.tracking.store; from irstd.cli import main;"
        "assert pathlib.Path(irstd.__file__).is_relative_to(pathlib.Path('site').resolve());"
        "assert (pathlib.Path(irstd.__file__).parent / 'py.typed').is_file();"
        "assert (pathlib.Path(irstd.__file__).parent / 'serving' / 'served.py').is_file();"
        "assert (pathlib.Path(irstd.__file__).parent / 'server' / 'page' / 'index.html').is_file();"
        "assert (pathlib.Path(irstd.__file__).parent / 'report' / 'templates' / 'report.html.j2').is_file();"
        "main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}

    def irstd(*arguments: str) -> str:
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "few: 5 frames (3 train, 1 val, 1 test)" in irstd("data", "demo", "--frames", "5", "--name", "few")
    assert len(list((tmp_path / "few" / "images").glob("*.png"))) == 5
    assert "(model pretrained, " in irstd("detect", "few/images", "--threshold", "0.1", "--raw", "--no-overlays")
    assert (tmp_path / "detections/detections.csv").is_file()
    score = ("score", "--detections", "detections/detections.csv", "--truth", "few", "--split", "all")
    assert "5 frames" in irstd(*score).splitlines()[-1]
    assert "next: irstd detect" in irstd("export", "pretrained", "--out", "model.onnx")
