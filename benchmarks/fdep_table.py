"""The table of `benchmarks.fdep_experiment`: its finished fits, and their differences with intervals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from irstd.comparison.compare import compare_fits
from irstd.comparison.resampling import RESAMPLES
from irstd.comparison.stored import COUNTS_FILE, read_counts
from irstd.metrics.counts import pooled
from irstd.metrics.frame import FrameCounts
from irstd.metrics.interval import number
from irstd.metrics.score import score_of

ARMS, SEEDS = ("plain", "dinov2", "random"), (7, 8, 9, 11, 13)
FIT_FILE = "fit.json"
RESAMPLING_SEED = 7

Fits = dict[str, dict[str, Sequence[FrameCounts]]]
"""Counts on test by arm and seed."""


def finished_fits(out: Path) -> Iterator[tuple[str, int, Mapping[str, Any], Sequence[FrameCounts]]]:
    """Arm, seed, what is known of the fit, and its counts on test."""
    for path in out.glob(f"*/{FIT_FILE}"):
        arm, _, seed = path.parent.name.partition("-")
        known = json.loads(path.read_text(encoding="utf-8"))
        yield arm, int(seed), known, read_counts(path.parent / COUNTS_FILE)["test"]


def show(out: Path) -> None:
    """Print each finished fit, then the differences over the seeds that all arms have."""
    fits: Fits = {}
    print(f"\n{'arm':<8} {'seed':>4} {'val':>7} {'test hse-2':>11} {'F1':>6} {'IoU':>6} {'CPU min':>8}")
    for arm, seed, known, counts in sorted(finished_fits(out), key=lambda each: (each[1], ARMS.index(each[0]))):
        fits.setdefault(arm, {})[str(seed)] = counts
        score = score_of(pooled((frame.counts for frame in counts), counts[0].counts.threshold))
        val, hse_2 = number(known["val"]["hse_2"], 2), number(score.hse_2, 2)
        f1, iou, minutes = number(score.f1, 3), number(score.iou, 3), number(known["seconds"] / 60, 1)
        print(f"{arm:<8} {seed:>4} {val:>7} {hse_2:>11} {f1:>6} {iou:>6} {minutes:>8}")
    both = [seed for seed in fits.get("plain", {}) if all(seed in fits.get(arm, {}) for arm in ARMS)]
    if both:
        show_differences({arm: {seed: fits[arm][seed] for seed in both} for arm in ARMS})


def show_differences(fits: Fits, resamples: int = RESAMPLES) -> None:
    """Print DINOv2 − plain and DINOv2 − random in hse-2 on test, and whether both say gain."""
    above = []
    for base in ("plain", "random"):
        found = compare_fits({base: fits[base], "dinov2": fits["dinov2"]}, RESAMPLING_SEED, resamples)
        start, model = found.models
        apart, means = model.differences["hse_2"], (model.figures["hse_2"].value, start.figures["hse_2"].value)
        if apart.value is None or apart.interval is None or None in means:
            print(f"dinov2 − {base}: undefined")
            continue
        above.append(apart.interval.low > 0)
        print(
            f"dinov2 − {base}: {apart.value:+.2f} [{apart.interval.low:+.2f}, {apart.interval.high:+.2f}] hse-2,"
            f" means {means[0]:.2f} and {means[1]:.2f}, {len(fits[base])} seeds, {found.frames} frames"
        )
    whole = len(fits["plain"]) == len(SEEDS)
    said = "gain" if above == [True, True] else "no gain shown"
    print(said if whole else f"{said} so far; the protocol has the seeds {', '.join(map(str, SEEDS))}")
