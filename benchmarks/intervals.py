"""How long the intervals of a score take: `python benchmarks/intervals.py [--frames 1000] [--resamples 2000]`.

The counts are of synthetic frames, a tenth of them without a target. Best of the runs, in seconds; beside it what one
resample costs when its frames are listed, pooled and scored, times their number, as a loop would take.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from irstd.comparison.resampling import difference, intervals
from irstd.metrics import FrameCounts, ScoredFrame, count_frame, pooled, score_of

SIDE, KINDS = 48, 50


def synthetic(frames: int, seed: int) -> list[FrameCounts]:
    """Counts of `frames` frames, of KINDS kinds: what a frame looked like does not change how long a resample takes."""
    rng = np.random.default_rng(seed)
    kinds = []
    for i in range(KINDS):
        truth = np.zeros((SIDE, SIDE), dtype=np.bool_)
        truth[20:23, 20:23] = i % 10 > 0
        response = (rng.random((SIDE, SIDE)) ** 30).astype(np.float32)
        response[20:23, 20:22] = rng.random()
        kinds.append(count_frame(ScoredFrame("", truth, response)))
    return [replace(kinds[i % KINDS], name=f"{i:06}") for i in range(frames)]


def best(work: Callable[[], object], runs: int) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    a, b = synthetic(options.frames, 0), synthetic(options.frames, 1)
    loop = best(lambda: score_of(pooled((frame.counts for frame in a), 0.5)), options.runs) * options.resamples
    alone = best(lambda: intervals(a, 0, options.resamples), options.runs)
    pair = best(lambda: difference(a, b, 0, options.resamples), options.runs)
    print(f"{options.resamples} resamples of {options.frames} frames")
    print(f"  intervals of one model        {alone:8.2f} s   {loop / alone:5.0f} × a loop (about {loop:.0f} s)")
    print(f"  intervals of a difference     {pair:8.2f} s   {2 * loop / pair:5.0f} × a loop (about {2 * loop:.0f} s)")


if __name__ == "__main__":
    main()
