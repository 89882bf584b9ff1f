"""`irstd detect` against the authors' way, from files to a table: the same weights, the same frames, one run.

    python benchmarks/detect_speed.py [--frames 24] [--rounds 5] [--cores 1] [--bundle FOLDER]

The authors' way: read, affine map, forward pass of eager torch, decode, one frame at a time, rows at the end. Ours is
what `irstd detect --no-overlays` runs. Both are called in turns on the same cores; printed are medians of seconds, and
the medians of the rounds' ratios, of wall and of CPU time, which other work on the machine moves less. Frames are the
test split of SIRST-V1 beside the checkout, where there is one, else the demo's; `spire` has the authors' weights there.
"""

import argparse
import csv
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

import irstd
from irstd.curation.demo import make_demo
from irstd.export.quick import quick
from irstd.inference import DetectOptions, FrameFile, detect_frames
from irstd.inference.detect import COLUMNS
from irstd.inference.workers import cores
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, LoadedDetector, bundle_files, load_files
from irstd.models.registry import build
from irstd.models.spire.official import load_official, official_bundle

_SHARED = Path(os.environ.get("IRSTD_SHARED", Path(__file__).parents[2] / "shared")) / "data"
_GOALS = {"spire": 1.5, "spire-plus": 2.0}
Rows = list[tuple[str, float, float, float]]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=1, help="how many this process may use")
    parser.add_argument("--bundle", type=Path, action="append", default=[], help="instead of spire and spire-plus")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-options.cores :])
    with tempfile.TemporaryDirectory() as scratch:
        frames = _frames(options.frames, Path(scratch))
        print(f"{_processor()}, {cores()} core(s), load {os.getloadavg()[0]:.1f}, torch {torch.__version__}")
        detectors = [irstd.load(folder) for folder in options.bundle] or [_spire(), irstd.load("pretrained")]
        for loaded in detectors:
            _compare(loaded, frames, options.rounds, Path(scratch))


def _compare(loaded: LoadedDetector, frames: list[FrameFile], rounds: int, scratch: Path) -> None:
    fast = quick(loaded)
    theirs, ours = scratch / "theirs.csv", scratch / "ours"

    def detect() -> None:
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        detect_frames(fast, frames, ours, options=DetectOptions(overlays=False))

    ways = {"the authors' way": lambda: _authors_way(loaded, frames, theirs), "irstd detect": detect}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(rounds + 1):  # the first warms up
        for name, way in ways.items():
            seconds = _seconds(way)
            if turn:
                taken[name].append(seconds)
    print(
        f"{loaded.bundle.detector}: {len(frames)} frames, {_difference(_rows(theirs), _rows(ours / 'detections.csv'))}"
    )
    for name, each in taken.items():
        wall, cpu = (1000 * statistics.median(column) / len(frames) for column in zip(*each, strict=True))
        print(f"  {name:18} {wall:7.1f} ms wall, {cpu:7.1f} ms CPU a frame")
    pairs = list(zip(*taken.values(), strict=True))
    ratios = [statistics.median(first[kind] / second[kind] for first, second in pairs) for kind in (0, 1)]
    goal = _GOALS.get(loaded.bundle.detector)
    print(f"  ratio {ratios[0]:.2f} wall, {ratios[1]:.2f} CPU" + ("" if goal is None else f" (goal {goal:g})"))


def _authors_way(loaded: LoadedDetector, frames: list[FrameFile], table: Path) -> None:
    """One frame at a time, with all cores for each."""
    torch.set_num_threads(cores())
    cv2.setNumThreads(cores())
    detector, rule, rows = loaded.detector, loaded.detector.input, []
    for frame in frames:
        image: Any = cv2.imread(str(frame.path), cv2.IMREAD_COLOR)
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB if rule.color == "rgb" else cv2.COLOR_BGR2GRAY)
        placement = rule.place(*image.shape[:2])
        tensor = rule.tensor(placement.warp(np.asarray(image, dtype=np.uint8)))[None].contiguous()
        with torch.no_grad():
            raw = detector(tensor)[0].numpy()
        found = detector.detections(raw[0] if detector.planes == 1 else raw, placement, loaded.bundle.operating)
        scores = found.scores if loaded.bundle.calibration is None else loaded.bundle.calibration(found.scores)
        rows += [(frame.name, *point, score) for point, score in zip(found.points, scores, strict=True)]
    with table.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])


def _rows(table: Path) -> Rows:
    with table.open(newline="", encoding="utf-8") as stream:
        _, *rows = csv.reader(stream)
    return [(name, float(x), float(y), float(score)) for name, x, y, score in rows]


def _difference(first: Rows, second: Rows) -> str:
    if [row[0] for row in first] != [row[0] for row in second]:
        return f"OTHER DETECTIONS: {len(first)} and {len(second)}"
    apart: NDArray[np.float64] = np.abs(np.array([row[1:] for row in first]) - np.array([row[1:] for row in second]))
    most = apart.reshape(-1, 3).max(axis=0, initial=0.0)
    return f"{len(first)} detections, the same within {most[:2].max():.4f} px and {most[2]:.5f} of the score"


def _seconds(way: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds, of this process with its threads."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    way()
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _spire() -> LoadedDetector:
    weights = _SHARED / "spire-official/SPIRE-SIRST4-512.safetensors"
    if weights.is_file():
        return load_files(bundle_files(load_official(weights), official_bundle()))
    torch.manual_seed(0)
    return load_files(bundle_files(build("spire", {}), Bundle("spire", {}, Rules())))


def _frames(count: int, scratch: Path) -> list[FrameFile]:
    source = _SHARED / "open-sirst-v1"
    if source.is_dir():
        names = (source / "splits/test_v1.txt").read_text().split()[:count]
        return [FrameFile(f"{name}.png", source / f"mixed/{name}.png") for name in names]
    make_demo(scratch / "demo", max(count, 5), 0)
    return [FrameFile(path.name, path) for path in sorted((scratch / "demo/images").iterdir())[:count]]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
