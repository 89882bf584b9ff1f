"""Start-up cost of commands: CPU and wall seconds, one row a command.

    python -m benchmarks.startup

Run it in a project in which `make demo` has ended and nothing changed since. A mistake in params.yaml is tried in a
scratch folder. A stage's own overhead is its imports, which each `dvc repro` pays for once a stage, as
pipelines/door/command.py does them: without the garbage collector.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.settings.load import load_settings

COMMANDS = (
    *("demo", "prepare", "tune", "train", "evaluate", "report", "promote", "reproduce"),
    *("ingest", "drift", "retrain", "schedule", "services"),
)
STAGES = {"demo": 3.0, "prepare": 3.0, "report": 6.0, "tune": 6.0, "train": 6.0, "evaluate": 6.0, "promote": 6.0}


@dataclass(frozen=True)
class Row:
    """A command, and how long it may take.

    Attributes:
        name: as the table shows it.
        command: the arguments of Python.
        limit_s: the most seconds, None where there is no promise.
        of: what the limit is of, `CPU` or `wall`.
        folder: where it runs; None: here.
        fails: whether it ends in an error.
    """

    name: str
    command: tuple[str, ...]
    limit_s: float | None = None
    of: str = "wall"
    folder: Path | None = None
    fails: bool = False


def rows(root: Path, scratch: Path) -> Iterator[Row]:
    """Every command that the table shows."""
    for name in COMMANDS:
        yield Row(f"pipelines.{name} --help", ("-m", f"pipelines.{name}", "--help"))
    yield Row("irstd --help", ("-m", "irstd.cli", "--help"))
    yield Row("irstd models", ("-m", "irstd.cli", "models"), 3.0)
    for name, limit_s in STAGES.items():
        imports = f"import gc; gc.disable(); import pipelines.{name}"
        yield Row(f"stage {name}: its imports", ("-c", imports), limit_s, "CPU")
    for name, change in (("typo in params.yaml", "datasett: demo"), ("unknown dataset", "dataset: nowhere")):
        folder = scratch / name.split()[0]
        copy_settings(root, folder, change)
        yield Row(name, ("-m", "pipelines.reproduce"), 2.0, folder=folder, fails=True)
    yield Row("reproduce --promote, no change", ("-m", "pipelines.reproduce", "--promote"), 6.0)
    settings = load_settings(root / "params.yaml")
    where = Layout(settings.dataset)
    frame = next(iter(sorted((root / where.raw / "images").glob("*.png"))), None)
    bundle = next(
        (root / where.bundle(each) for each in settings.variants if (root / where.bundle(each)).is_dir()), None
    )
    if frame and bundle:
        command = ("-m", "irstd.cli", "detect", str(frame), "--model", str(bundle), "--out", str(scratch / "found"))
        yield Row("irstd detect, one frame", command, 4.0)


def copy_settings(root: Path, folder: Path, change: str) -> None:
    """Copy what a project's settings are, with the line of `dataset` in params.yaml changed."""
    folder.mkdir()
    shutil.copy(root / "dvc.yaml", folder)
    shutil.copytree(root / "profiles", folder / "profiles")
    lines = (root / "params.yaml").read_text(encoding="utf-8").splitlines()
    changed = [change if line.startswith("dataset:") else line for line in lines]
    (folder / "params.yaml").write_text("\n".join(changed) + "\n", encoding="utf-8")


def measure(row: Row, root: Path) -> tuple[float, float]:
    """Return CPU and wall seconds of a command and all that it started; the second of two runs, with warm disks."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    took = (0.0, 0.0)
    for _ in range(2):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [sys.executable, *row.command],
            cwd=row.folder or root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if bool(done.returncode) != row.fails:
            raise SystemExit(f"{row.name}: ended with {done.returncode}\n{done.stderr[-2000:]}")
        took = (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall)
    return took


def main() -> None:
    """Print the table."""
    root = find_root()
    print(f"{'':34}{'CPU s':>8}{'wall s':>8}  limit")
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows(root, Path(scratch)):
            cpu, wall = measure(row, root)
            limit = ""
            if row.limit_s is not None:
                kept = (cpu if row.of == "CPU" else wall) <= row.limit_s
                limit = f"{row.limit_s:g} s {row.of}{'' if kept else ', missed'}"
            print(f"{row.name:34}{cpu:8.2f}{wall:8.2f}  {limit}", flush=True)


if __name__ == "__main__":
    main()
