"""The time of hse-2 beside that of hse-1: `python benchmarks/ranked.py [--repeats 3] [--frames 5]`.

Prints medians in ms of processor time a frame, on one core, in turns, for the frames of `benchmarks/hse.py`, clean and
noisy: as responses of a mask model, and as 64 peaks of a point model. Then the seconds of 2000 resamples of these
frames with both scores and with hse-1 alone. Aim: hse-2 takes at most 3 × the time of hse-1.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from benchmarks.hse import NOISES, SIZES, in_turns, scene
from benchmarks.intervals import best
from irstd.comparison.resampling import intervals
from irstd.labels.detections import Detections
from irstd.labels.extent import response_from_points
from irstd.labels.points import components_of
from irstd.metrics import FrameCounts, ScoredFrame, count_frame
from irstd.metrics.counts import Counts
from irstd.metrics.frame import count_hse_1, count_hse_2
from irstd.metrics.scored import checked

THRESHOLD = 0.5


def as_points(frame: ScoredFrame) -> ScoredFrame:
    """The same truth, found by a point model: near each target a peak, and false ones up to 64."""
    random = np.random.default_rng(int(frame.name))
    centres = components_of(frame.truth).points
    false = random.uniform(0, np.array(frame.truth.shape[::-1]) - 1, (64 - len(centres), 2))
    scores = np.concatenate([random.uniform(0.4, 1, len(centres)), np.sort(random.uniform(0, 0.6, len(false)))[::-1]])
    order = np.argsort(-scores)
    peaks = Detections(np.concatenate([centres + random.normal(0, 1, centres.shape), false])[order], scores[order])
    grey = np.rint(frame.response * 255).astype(np.uint8)
    found = peaks.reaching(0.1)
    own, every = (response_from_points(grey, each) for each in (found, peaks))
    return replace(frame, response=own, detections=found, peaks=peaks, peaks_response=every)


def both(frame: ScoredFrame, repeats: int) -> list[float]:
    """The ms of hse-1 and of hse-2."""
    given, none = checked(frame, THRESHOLD), Counts.none(THRESHOLD)
    truth = components_of(given.truth)
    ways: list[Callable[[], object]] = [
        partial(count_hse_1, given, truth, none),
        partial(count_hse_2, given, truth),
    ]
    in_turns(ways, 1)  # warms up
    return in_turns(ways, repeats, calls=3)


def resampled(frames: int) -> tuple[float, float]:
    """The seconds of the intervals of so many noisy frames under hse-1 alone, and under both."""
    kinds = [count_frame(scene((256, 256), 0.05, seed), THRESHOLD) for seed in range(50)]
    counted = [replace(kinds[i % len(kinds)], name=f"{i:06}") for i in range(frames)]
    alone: list[FrameCounts] = [replace(each, counts=replace(each.counts, ranked=None)) for each in counted]
    return best(lambda: intervals(alone, 0), 2), best(lambda: intervals(counted, 0), 2)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--frames", type=int, default=5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"{'frame':<24}{'hse-1':>9}{'hse-2':>9}{'ratio':>9}")
    for size in SIZES:
        for kind, noise in NOISES.items():
            masks = [scene(size, noise, seed) for seed in range(options.frames)]
            for model, frames in (("mask", masks), ("points", [as_points(each) for each in masks])):
                found = [both(each, options.repeats) for each in frames]
                one, two = (statistics.median(each[side] for each in found) for side in (0, 1))
                label = f"{size[0]}×{size[1]} {kind}, {model}"
                print(f"{label:<24}{one:>9.2f}{two:>9.2f}{two / one:>7.1f} ×", flush=True)
    for many in (100, 1000):
        alone, together = resampled(many)
        ratio = (together - alone) / alone
        print(f"2000 resamples of {many} frames: hse-1 {alone:.2f} s, both {together:.2f} s, hse-2 {ratio:.1f} ×")


if __name__ == "__main__":
    main()
