"""Files that are made once a test run and shared by the workers of pytest-xdist."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder of that name, which `make` fills for the first that asks."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


def prefect_home(factory: pytest.TempPathFactory, home: Path) -> Path:
    """Put a new database of Prefect into `home` unless there is one: making it takes 8 s of CPU. The walk does so."""
    if not (home / "prefect.db").exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(made_once(factory, "prefect", _make_database) / "prefect.db", home)
    return home


def _make_database(folder: Path) -> None:
    own = {**os.environ, "PREFECT_HOME": str(folder)}
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
    subprocess.run(command, env=own, check=True, capture_output=True)
