"""Frames side by side against one frame at a time: seconds and ratios, on a quiet and on a busy machine.

    python benchmarks/threads.py [--frames 16] [--busy 0 2]

A frame is 512 × 512 px, the detector SPIRE with random weights. `--busy` is a list of numbers of competing processes.
Medians of three runs in turns; the reference is one frame at a time with torch's default number of threads.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import torch

from irstd.frames import Frame
from irstd.inference.workers import cores, in_order
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, LoadedDetector, bundle_files, load_files
from irstd.models.registry import build

_RUNS = 3


def main() -> None:
    """Print a table for each load."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--busy", type=int, nargs="*", default=[0, 2])
    options = parser.parse_args()
    torch.manual_seed(0)
    detector = load_files(bundle_files(build("spire", {}), Bundle("spire", {}, Rules())), "benchmark")
    frames = list(np.random.default_rng(0).integers(0, 256, (options.frames, 512, 512), dtype=np.uint8))
    default = torch.get_num_threads()
    ways: dict[str, Callable[[], object]] = {
        f"one at a time, {default} threads (reference)": lambda: _one_by_one(detector, frames, default),
        "one at a time, 1 thread": lambda: _one_by_one(detector, frames, 1),
        f"{cores()} side by side, 1 thread each (irstd detect)": lambda: _side_by_side(detector, frames),
    }
    for others in options.busy:
        with _competitors(others):
            _print(others, {name: _timed(way) for name, way in ways.items()})


def _one_by_one(detector: LoadedDetector, frames: list[Frame], threads: int) -> None:
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    for frame in frames:
        detector(frame)


def _side_by_side(detector: LoadedDetector, frames: list[Frame]) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    list(in_order(detector, frames, cores()))


def _timed(way: Callable[[], object]) -> tuple[float, float]:
    """Median (wall, CPU) seconds; the first run is left out."""
    way()
    walls, cpus = [], []
    for _ in range(_RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        way()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


@contextmanager
def _competitors(count: int) -> Iterator[None]:
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def _print(others: int, figures: dict[str, tuple[float, float]]) -> None:
    reference = next(iter(figures.values()))
    print(f"{others} competing processes")
    for name, (wall, cpu) in figures.items():
        ratios = wall / reference[0], cpu / reference[1]
        print(f"  {name:52} wall {wall:6.2f} s ({ratios[0]:.2f} ×)   CPU {cpu:6.2f} s ({ratios[1]:.2f} ×)")


if __name__ == "__main__":
    main()
