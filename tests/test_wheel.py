"""The wheel, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def test_the_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("irstd-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import pathlib, irstd, irstd.tracking.store; from irstd.cli import main;"
        "assert pathlib.Path(irstd.__file__).is_relative_to(pathlib.Path('site').resolve());"
        "assert (pathlib.Path(irstd.__file__).parent / 'serving' / 'served.py').is_file();"
        "assert (pathlib.Path(irstd.__file__).parent / 'report' / 'templates' / 'report.html.j2').is_file();"
        "main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-c", code, "data", "demo", "--frames", "5", "--seed", "1", "--name", "few"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "few: 5 frames (3 train, 1 val, 1 test)" in done.stdout
    assert len(list((tmp_path / "few" / "images").glob("*.png"))) == 5
