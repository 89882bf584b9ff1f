"""How fast hse-1 is counted: `python benchmarks/hse.py [--repeats 3] [--frames 3] [--nudt FOLDER]`.

Against pyirstdmetrics 1.0.2 (`make parity` installs it), in one run, on the same frames, in turns, one core each;
medians in ms of processor time a frame, which a busy machine changes little. Frames hold four targets; a response is
the truth blurred, with three false blobs ("clean"), and the same with noise of a standard deviation of 0.05 ("noisy").
Where both count the same, every value is checked to be equal, or the run stops. Pixels take turns of ten calls.

  pixels          IoU at 0.5 and the frame's own IoU at 254 levels
  surface         Pd and Fa by BasicIRSTD's rules at 10 confidences (0 to 0.9) and 10 distances (1 to 10 px);
                  pyirstdmetrics takes one distance at a time
  one distance    the same at 3 px alone
  whole hse-1     all that `HSE.update` counts, the best matching at 10 confidences and 5 distances included, against
                  their pixels and their surface at 5 distances

With --nudt, a folder of NUDT-SIRST with `masks/` and `img_idx/`: `HSE.update` on its test list, blurred masks being the
responses, in s of wall clock.
"""

import argparse
import importlib
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.published.surface import BasicSurface, basic_surface
from irstd.errors import IrstdError
from irstd.frames import read_mask
from irstd.metrics import HSE, ScoredFrame, count_frame
from irstd.metrics.pixels import count_pixels
from irstd.metrics.scored import checked

SIZES = ((256, 256), (388, 456), (645, 800))
NOISES = {"clean": 0.0, "noisy": 0.05}
CONFIDENCES, DISTANCES = tuple(k / 10 for k in range(10)), tuple(range(1, 11))


class UnequalError(IrstdError):
    """Two ways to count the same gave different values."""


def scene(size: tuple[int, int], noise: float, seed: int) -> ScoredFrame:
    """A frame of four targets and three false blobs."""
    random = np.random.default_rng(seed)
    truth = np.zeros(size, dtype=np.uint8)
    blobs = truth.astype(np.float32)
    for row, column in random.integers(8, np.array(size) - 8, (4, 2)).tolist():
        cv2.circle(truth, (column, row), int(random.integers(1, 4)), 1, -1)
    for row, column in random.integers(8, np.array(size) - 8, (3, 2)).tolist():
        cv2.circle(blobs, (column, row), 2, float(random.uniform(0.5, 1)), -1)
    lit = cv2.GaussianBlur(np.maximum(blobs, truth), (0, 0), 1.0) + random.normal(0, noise, size)
    return ScoredFrame(f"{seed}", truth > 0, np.clip(lit, 0, 1).astype(np.float32))


class Theirs:
    """One frame through pyirstdmetrics."""

    def __init__(self, frame: ScoredFrame) -> None:
        self.module: Any = importlib.import_module("py_irstd_metrics")
        self.frame = frame

    def pixels(self) -> tuple[float, NDArray[np.float64]]:
        """IoU at 0.5, and IoU at 1/255 to 254/255."""
        handler = self.module.IoUHandler(with_dynamic=True, with_binary=True, sample_based=False)
        holder = self.module.CMMetrics(num_bins=256, threshold=0.5, metric_handlers={"iou": handler})
        holder.update(self.frame.response, self.frame.truth)
        found = holder.get()["iou"]
        return float(found["binary"]), found["dynamic"][-2::-1]

    def surface(self, distances: tuple[int, ...] = DISTANCES) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs and unmatched area (10, distances)."""
        holders = [self.module.ProbabilityDetectionAndFalseAlarmRate(10, distance) for distance in distances]
        for holder in holders:
            holder.update(self.frame.response, self.frame.truth)
        pairs, areas = ([getattr(each, name) for each in holders] for name in ("tp_objs", "fp_area"))
        return np.stack(pairs, axis=1), np.stack(areas, axis=1)


class Ours:
    """The same through irstd, the check of the frame included."""

    def __init__(self, frame: ScoredFrame) -> None:
        self.frame = frame

    def pixels(self) -> tuple[float, NDArray[np.float64]]:
        """IoU at 0.5, and IoU at 1/255 to 254/255."""
        scored = checked(self.frame, 0.5)
        target_pixels = np.flatnonzero(scored.truth)
        tp, fp = count_pixels(scored.response, target_pixels, 0.5)
        iou = tp / (fp + len(target_pixels))
        return float(iou[255]), iou[:254]

    def surface(self, distances: tuple[int, ...] = DISTANCES) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs and unmatched area (10, distances)."""
        found: BasicSurface = basic_surface(self.frame, CONFIDENCES, distances)
        return found.matched, found.unmatched_px

    def whole(self) -> object:
        """Everything of hse-1."""
        return count_frame(self.frame)


def in_turns(ways: list[Callable[[], object]], repeats: int, calls: int = 1) -> list[float]:
    """The median time of each way in ms, one after the other in each repeat, so many calls at each turn."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(repeats):
        for way, own in zip(ways, times, strict=True):
            start = time.process_time()
            for _ in range(calls):
                way()
            own.append((time.process_time() - start) * 1e3 / calls)
    return [statistics.median(own) for own in times]


def require_equal(theirs: Theirs, ours: Ours) -> None:
    """Raises UnequalError where the two do not say the same."""
    for name in ("pixels", "surface"):
        for one, other in zip(getattr(theirs, name)(), getattr(ours, name)(), strict=True):
            if not np.allclose(one, other, rtol=0, atol=1e-9):
                raise UnequalError(f"frame {ours.frame.name} of {ours.frame.truth.shape}: the {name} differ")


def compare(frame: ScoredFrame, repeats: int) -> dict[str, list[float]]:
    """Return the time of theirs and of ours in ms, by what is counted."""
    theirs, ours = Theirs(frame), Ours(frame)
    require_equal(theirs, ours)  # which also warms up
    ours.whole()
    pixels = in_turns([theirs.pixels, ours.pixels], 5 * repeats, calls=10)
    surface = in_turns([theirs.surface, ours.surface], repeats)
    one = in_turns([partial(theirs.surface, (3,)), partial(ours.surface, (3,))], repeats)
    targets, whole = in_turns([partial(theirs.surface, (1, 2, 3, 4, 5)), ours.whole], repeats)
    return {"pixels": pixels, "surface": surface, "one distance": one, "whole hse-1": [pixels[0] + targets, whole]}


def nudt(folder: Path) -> tuple[int, float, float | None]:
    """Frames of the test list, seconds to score them on one core, and the HSE."""
    names = (folder / "img_idx" / "test_NUDT-SIRST.txt").read_text().split()
    truths = [read_mask(folder / "masks" / f"{name}.png") for name in names]
    responses = [cv2.GaussianBlur(truth.astype(np.float32), (0, 0), 1.0) for truth in truths]
    start = time.perf_counter()
    score = HSE()
    for name, response, truth in zip(names, responses, truths, strict=True):
        score.update(response, truth, name=name)
    hse = score.compute().hse
    return len(names), time.perf_counter() - start, hse


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--frames", type=int, default=3)
    parser.add_argument("--nudt", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)  # NumPy and SciPy call no BLAS here
    print(f"one core each; median of {options.frames} frames, each the median of {options.repeats} runs; ms a frame\n")
    print(f"{'frame':<18}{'counted':<16}{'pyirstdmetrics':>16}{'irstd':>10}{'ratio':>9}")
    for size in SIZES:
        for kind, noise in NOISES.items():
            found = [compare(scene(size, noise, seed), options.repeats) for seed in range(options.frames)]
            for name in found[0]:
                theirs, ours = (statistics.median(each[name][side] for each in found) for side in (0, 1))
                label = f"{size[0]}×{size[1]} {kind}"
                print(f"{label:<18}{name:<16}{theirs:>16.2f}{ours:>10.2f}{theirs / ours:>7.0f} ×", flush=True)
    print("\nall values equal: IoU at 0.5 and 254 levels to 1e-9, pairs and unmatched area of each cell")
    if options.nudt:
        many, seconds, hse = nudt(options.nudt)
        print(f"NUDT-SIRST, {many} test frames: {seconds:.2f} s in all, HSE {hse:.2f}")


if __name__ == "__main__":
    main()
