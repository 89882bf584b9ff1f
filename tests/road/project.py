"""A clone of this project with a tiny dataset, and the commands that its user gives."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def clone(folder: Path, make_project: Callable[[Path], Path]) -> Path:
    """Return `folder` as a git repository of what a clone holds; `make_project` adds a dataset and its settings."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("outputs/", "reports/", "dvc.lock")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    make_project(folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a clone")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def call(folder: Path, *arguments: str, fails: bool = False) -> str:
    """Return the output of `python -m …` there, whose exit code must be as expected."""
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}
    environment.update(IRSTD_PYTHON=sys.executable, COLUMNS="200", NO_COLOR="1")
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, env=environment, check=False
    )
    output = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, output[-4000:]
    assert "Traceback" not in output, output[-4000:]
    return output


def hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Return the hash of every output of every stage, by path, as dvc.lock has them."""
    stages = yaml.safe_load((folder / "dvc.lock").read_text())["stages"]
    return {name: {out["path"]: out["md5"] for out in stage["outs"]} for name, stage in stages.items()}
