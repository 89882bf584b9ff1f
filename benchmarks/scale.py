"""Time and memory of each step from raw frames to scores, for a dataset of any size.

    python -m benchmarks.scale --frames 1000 [--side 256] [--detector spire] [--dvc] [--keep FOLDER]

Frames are made here: a smooth sky, noise and a target. Each step is a process of its own; its memory is the largest
proportional set size (PSS) of any one process of its tree, looked at ten times a second. CPU seconds are those of the
whole tree, so that a busy machine hardly changes them. `score` is Ray's workers on the test frames, `loop` the same
frames in one process without Ray, which is what its overhead is against. With `--dvc`, `dvc add`, `status` and `push`
of the folder of files and of the shards.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil

from irstd.curation.audit.audit import audit_frames
from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.stored import Stored
from irstd.curation.prepare import PreparedWriter
from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import CanonicalDataset, DatasetInfo
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset
from irstd.datasets.sample import Sample
from irstd.files import new_folder
from irstd.labels.response import RESPONSES

_EVERY_S, _SIZE = 0.1, 256
_SPLITS = ("train", "train", "train", "val", "test")
_MB = 1 << 20


@dataclass
class Cost:
    """What a step took: wall and CPU seconds, and the largest PSS of one process, in bytes, with its name."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    pss: int = 0
    name: str = ""


def main() -> None:
    """Print a row a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--detector", default="spire")
    parser.add_argument("--dvc", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the datasets, which stay; frames there are used again")
    parser.add_argument("--steps", nargs="*", default=[*STEPS], choices=[*STEPS])
    parser.add_argument("--step", choices=[*STEPS], help=argparse.SUPPRESS)  # one step, in this process
    options = parser.parse_args()
    if options.step:
        STEPS[options.step](options)
        return
    with contextlib.ExitStack() as stack:
        options.keep = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        options.keep.mkdir(parents=True, exist_ok=True)
        print(f"{options.frames} frames of {options.side}², {options.detector}")
        print("step                 wall s   CPU s  ms CPU a frame  largest PSS, MB")
        for step in options.steps:
            given = [f"--{name}={getattr(options, name)}" for name in ("frames", "side", "detector", "keep")]
            _show(step, _cost([sys.executable, "-m", "benchmarks.scale", *given, f"--step={step}"]), options.frames)
        if options.dvc:
            _dvc(options)


def _show(step: str, cost: Cost, frames: int) -> None:
    each = 1000 * cost.cpu_s / frames
    print(
        f"{step:<16} {cost.wall_s:6.1f}  {cost.cpu_s:6.1f}  {each:14.2f}  {cost.pss / _MB:6.0f} {cost.name}", flush=True
    )


def _cost(command: list[str], folder: Path | None = None) -> Cost:
    """Run a command, and look at all processes of its tree while it runs."""
    cost, start, cpu = Cost(), time.perf_counter(), dict[int, float]()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            for process in _tree(running.pid):
                with contextlib.suppress(psutil.Error):
                    pss = int(process.memory_full_info().pss)
                    cpu[process.pid] = sum(process.cpu_times()[:2])
                    if pss > cost.pss:
                        cost.pss, cost.name = pss, process.name()
            time.sleep(_EVERY_S)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    cost.wall_s, cost.cpu_s = time.perf_counter() - start, sum(cpu.values())
    return cost


def _tree(pid: int) -> Iterator[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)


def make(options: argparse.Namespace) -> None:
    """Write the canonical dataset; frame i depends on i alone."""
    folder, side = options.keep / "raw", options.side
    if folder.is_dir() and len(CanonicalDataset.open(folder).names) == options.frames:
        return
    with new_dataset(folder, DatasetInfo("scale", "a benchmark"), replace=folder.exists()) as writer:
        for index in range(options.frames):
            random = np.random.default_rng(index)
            sky = cv2.resize(random.uniform(60, 140, (8, 8)).astype(np.float32), (side, side))
            x, y = random.integers(8, side - 8, 2)
            frame = sky + random.normal(0, 3, (side, side))
            frame[y - 1 : y + 2, x - 1 : x + 2] += 60
            mask = np.zeros((side, side), dtype=np.bool_)
            mask[y - 1 : y + 2, x - 1 : x + 2] = True
            pixels = np.clip(np.rint(frame), 0, 255).astype(np.uint8)
            sample = Sample(f"{index:07d}", pixels, np.array([[x, y]], dtype=np.float64), mask)
            writer.add(sample, _SPLITS[index % len(_SPLITS)])


def prepare(options: argparse.Namespace) -> None:
    """Audit and prepare it, as the stage does."""
    stored = Stored.of(options.keep / "raw")
    with new_folder(options.keep / "prepared") as folder:
        writer = PreparedWriter(folder, stored.splits, _SIZE, RESPONSES["prps"])
        seen = look_at_frames(stored, keeper=writer.keeper(stored))
        audit_frames(stored, seen)
        writer.finish()


def open_prepared(options: argparse.Namespace) -> None:
    """Read the names, splits and points of all frames."""
    PreparedDataset.open(options.keep / "prepared")


def identify(options: argparse.Namespace) -> None:
    """Fingerprint the test frames."""
    fingerprint(options.keep / "prepared", "test")


def read(options: argparse.Namespace) -> None:
    """Decode all training frames once, in their order."""
    for _ in PreparedDataset.open(options.keep / "prepared").split("train"):
        pass


def loop(options: argparse.Namespace) -> None:
    """Score the test frames in one process."""
    import torch  # noqa: PLC0415 - steps before do not need it

    from irstd.evaluation.scoring import score_frames  # noqa: PLC0415
    from irstd.models.base import Rules  # noqa: PLC0415
    from irstd.models.registry import build  # noqa: PLC0415

    torch.set_num_threads(1)
    torch.manual_seed(0)
    detector = build(options.detector, {}).eval()
    score_frames(detector, PreparedDataset.open(options.keep / "prepared").split("test"), Rules())


def score(options: argparse.Namespace) -> None:
    """Score the test frames on all CPUs by Ray."""
    import torch  # noqa: PLC0415

    from irstd.compute.cluster import cluster  # noqa: PLC0415
    from irstd.compute.scoring import score_bundle  # noqa: PLC0415
    from irstd.models.base import Rules  # noqa: PLC0415
    from irstd.models.bundle import Bundle, bundle_files  # noqa: PLC0415
    from irstd.models.registry import build  # noqa: PLC0415
    from irstd.settings.compute import Resources  # noqa: PLC0415

    torch.manual_seed(0)
    files = bundle_files(build(options.detector, {}), Bundle(options.detector, {}, Rules()))
    with cluster():
        score_bundle(files, PreparedDataset.open(options.keep / "prepared").split("test"), Resources(cpus=1))


STEPS = {
    "make": make,
    "prepare": prepare,
    "open": open_prepared,
    "fingerprint": identify,
    "read": read,
    "loop": loop,
    "score": score,
}


def _dvc(options: argparse.Namespace) -> None:
    """Add, look at and push a folder of files and the shards, each in a new repository."""
    dvc = [sys.executable, "-m", "dvc"]
    for form in ("raw", "prepared"):
        with tempfile.TemporaryDirectory(dir=options.keep) as scratch:
            folder = Path(scratch)
            shutil.copytree(options.keep / form, folder / "set")
            for setup in (["git", "init", "-q"], [*dvc, "init", "-q"], [*dvc, "remote", "add", "-d", "r", "remote"]):
                subprocess.run(setup, cwd=folder, check=True)
            print(f"{form}: {sum(1 for _ in (folder / 'set').rglob('*.*'))} files")
            for name, words in {"add": ["add", "set"], "status": ["status"], "push": ["push"]}.items():
                _show(f"dvc {name} {form}", _cost([*dvc, *words, "-q"], folder), options.frames)


if __name__ == "__main__":
    main()
