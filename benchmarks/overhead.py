"""A stage's own cost: CPU and wall seconds of each stage on a project whose work takes no time.

    python -m benchmarks.overhead

Fifteen frames, fits of four steps. A Prefect server and a Ray head run, as under `pipelines.reproduce`. CPU is
of the stage's process and what it starts; Ray's workers, which do the work, are not its children and do not count.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from irstd.curation.demo import make_demo
from irstd.project.environment import find_root
from pipelines.servers.embedded import prefect_server, ray_head

FRAMES, SEED = 15, 3
LIMITS_S = {"code": 3.0, "prepare": 3.0, "tune": 6.0, "train": 6.0, "evaluate": 6.0, "report": 6.0, "promote": 6.0}
"""The most CPU seconds of each stage: more where it logs to MLflow."""


def lay_out(root: Path, folder: Path) -> None:
    """Write a project with small settings and a small dataset into `folder`."""
    for name in ("irstd", "pipelines", "profiles"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "dvc.yaml", folder)
    content = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    content |= {"dataset": "small", "variants": {"spire": {}}, "references": {}}
    content["labels"] = {**(content.get("labels") or {}), "size": 64}
    content["tune"] = {**(content.get("tune") or {}), "trials": 1, "steps": 2}
    content["train"] = {**(content.get("train") or {}), "steps": 4, "batch": 2, "crop": 64, "validate_every": 2}
    content["compute"] = {"trial": {"cpus": 1, "gpus": 0}, "fit": {"cpus": 1, "gpus": 0}}
    (folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    make_demo(folder / "data/raw/small", FRAMES, SEED)


def run(stage: str, folder: Path) -> tuple[float, float]:
    """Return CPU and wall seconds of a stage."""
    variant = ("spire",) if stage in ("tune", "train", "evaluate") else ()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", f"pipelines.{stage}", *variant],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{stage}: ended with {done.returncode}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def main() -> None:
    """Print the table; the second of two runs, with warm disks."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        lay_out(find_root(), folder)
        os.chdir(folder)
        with prefect_server(), ray_head():
            for turn in (1, 2):
                print(f"{'stage':12}{'CPU s':>8}{'wall s':>8}  limit" if turn == 2 else "warming up", flush=True)
                for stage, limit_s in LIMITS_S.items():
                    cpu, wall = run(stage, folder)
                    if turn == 2:
                        missed = "" if cpu <= limit_s else ", missed"
                        print(f"{stage:12}{cpu:8.2f}{wall:8.2f}  {limit_s:g} s CPU{missed}", flush=True)


if __name__ == "__main__":
    main()
