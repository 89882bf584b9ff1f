"""Every file of `pipelines` that is a command reads its options before it acts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [path.stem for path in sorted((ROOT / "pipelines").glob("*.py")) if "\n@command\n" in path.read_text()]
RUN = """
import runpy, sys
sys.argv = ["-m", "--help"]
try:
    runpy.run_module(sys.orig_argv[-1], run_name="__main__", alter_sys=False)
except SystemExit as ended:
    heavy = {"torch", "mlflow", "prefect", "ray", "scipy", "pandas", "cv2"} & set(sys.modules)
    sys.exit(ended.code or (f"imported {heavy}" if heavy else 0))
"""


def test_these_are_the_commands() -> None:
    assert {"promote", "reproduce", "retrain", "schedule", "services", "ingest", "drift"} <= set(COMMANDS)
    assert {"demo", "prepare", "tune", "train", "evaluate", "report"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_acts_on_nothing_and_imports_no_heavy_library(name: str) -> None:
    command = [sys.executable, "-c", RUN, f"pipelines.{name}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.lstrip().startswith(f"Usage: python -m pipelines.{name}")
