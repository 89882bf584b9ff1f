"""hse-1 and hse-2 at other scales of scores: `python benchmarks/scales.py [--detections CSV --truth DATASET]`.

Scores are scaled, squared and binarised. hse-1 falls when scores shrink and often rises when they are binarised. hse-2
uses ranks alone: a rising map does not change it, and binarising, which loses ranks, does not raise it. Without
arguments the frames are 40 made-up ones, found by a mask model and by a point model; else the points of a CSV, as
`irstd score --detections` reads them.
"""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.hse import scene
from benchmarks.ranked import as_points
from irstd.evaluation.external import open_truth, score_detections
from irstd.labels.detections import Detections
from irstd.metrics import HSE, Score, ScoredFrame

Map = Callable[[NDArray[np.float64]], NDArray[np.float64]]
MAPS: dict[str, Map] = {
    "as they are": lambda s: s,
    "× 0.8": lambda s: 0.8 * s,
    "× 0.6": lambda s: 0.6 * s,
    "squared": lambda s: s**2,
    "0.3 + 0.7 s": lambda s: np.where(s > 0, 0.3 + 0.7 * s, 0.0),
    "1 from 0.5 up, else 0": lambda s: (s >= 0.5).astype(np.float64),
}
FRAMES, SIZE, NOISE = 40, (256, 256), 0.05


def mapped(frame: ScoredFrame, change: Map) -> ScoredFrame:
    """The same frame, every score through `change`."""

    def response(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(change(values.astype(np.float64)), dtype=np.float32)

    if frame.peaks is None or frame.peaks_response is None:
        return replace(frame, response=response(frame.response))
    peaks, whole = Detections(frame.peaks.points, change(frame.peaks.scores)), response(frame.peaks_response)
    own = np.where(whole >= np.float32(0.1), whole, np.float32(0))
    return replace(frame, response=own, detections=peaks.reaching(0.1), peaks=peaks, peaks_response=whole)


def scored(frames: Iterable[ScoredFrame]) -> Score:
    """The score of frames."""
    holder = HSE()
    for frame in frames:
        holder.add(frame)
    return holder.compute()


def from_table(table: Path, truth: str, change: Map) -> Score:
    """The score of the points of a CSV."""
    rows = pd.read_csv(table)
    rows["score"] = change(rows["score"].to_numpy(dtype=np.float64))
    with TemporaryDirectory() as folder:
        path = Path(folder) / table.name
        rows.to_csv(path, index=False)
        return score_detections(path, open_truth(Path(truth))).holder.compute()


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detections", type=Path)
    parser.add_argument("--truth")
    options = parser.parse_args()
    masks = [scene(SIZE, NOISE, seed) for seed in range(FRAMES)]
    points = [as_points(frame) for frame in masks]
    print(f"{'model':<10}{'scores':<24}{'hse-1':>8}{'hse-2':>8}{'AP pixel':>10}{'AP target':>11}")
    ways: dict[str, Callable[[Map], Score]] = {
        "masks": lambda change: scored(mapped(frame, change) for frame in masks),
        "points": lambda change: scored(mapped(frame, change) for frame in points),
    }
    if options.detections:
        ways = {"table": lambda change: from_table(options.detections, options.truth, change)}
    for model, way in ways.items():
        for name, change in MAPS.items():
            found = way(change)
            values = [found.hse or 0, found.hse_2 or 0, 100 * (found.ap_pixel or 0), 100 * (found.ap_target or 0)]
            print(f"{model:<10}{name:<24}{values[0]:>8.2f}{values[1]:>8.2f}{values[2]:>10.2f}{values[3]:>11.2f}")


if __name__ == "__main__":
    main()
