"""Hits in loose boxes: `python -m benchmarks.boxes BUNDLE DATASET [--split test] [--against BUNDLE]`.

For sets whose truth is boxes.csv, such as drone-ir; HSE needs masks. A detection inside a box or at most 2 px outside
hits it, each box once. One outside all boxes is a false alarm. Further ones in a box that is hit count as neither: the
box is loose and its target may show as two. Intervals (95 %) come from resampling clips, since frames of one are
alike; a frame of no clip counts as a clip of its own. A BUNDLE may be the authors' SPIRE weights too, a safetensors
file. With `--against` the difference is told, from the same clips for both.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

import irstd
from irstd.datasets.canonical import SPLITS, CanonicalDataset
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.frames import Frame
from irstd.labels.boxes import inside_boxes
from irstd.labels.detections import Detections

RESAMPLES = 2000
Counts = NDArray[np.int64]
"""(…, 4): hits, false alarms, misses, frames."""
Find = Callable[[Frame], Detections]


def count(points: NDArray[np.float64], boxes: NDArray[np.float64]) -> Counts:
    """Count one frame's detections (n, 2) against its boxes (m, 4)."""
    inside = inside_boxes(points, boxes)
    hits = int((maximum_bipartite_matching(csr_array(inside), perm_type="column") >= 0).sum()) if inside.any() else 0
    return np.array([hits, (~inside.any(axis=1)).sum(), len(boxes) - hits, 1], dtype=np.int64)


def by_clip(find: Find, samples: Iterable[Sample]) -> Mapping[str, Counts]:
    """Return the counts of each clip, summed over its frames.

    Raises:
        DataError: a sample has fewer boxes than points.
    """
    clips = dict[str, Counts]()
    for sample in samples:
        if sample.boxes is None or len(sample.boxes) < len(sample.points):
            raise DataError(f"{sample.name}: has targets without boxes; give a dataset with boxes.csv for all frames")
        clip = sample.moment.clip if sample.moment else sample.name
        clips[clip] = clips.get(clip, np.zeros(4, dtype=np.int64)) + count(find(sample.frame).points, sample.boxes)
    return clips


def figures(counts: Counts) -> NDArray[np.float64]:
    """Return (…, 4): precision, recall, F1 and false alarms a frame of `counts` (…, 4); 0 where nothing counts."""
    hits, false, missed, frames = np.moveaxis(counts.astype(np.float64), -1, 0)

    def share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(part / np.maximum(whole, 1))

    both = (share(hits, hits + false), share(hits, hits + missed), share(2 * hits, 2 * hits + false + missed))
    return np.stack([*both, share(false, frames)], axis=-1)


def resampled(clips: Mapping[str, Counts], seed: int) -> NDArray[np.float64]:
    """Return the figures (2000, 4) of clips drawn with replacement; the same seed draws the same clips of a dataset."""
    counts = np.stack([clips[name] for name in sorted(clips)])
    draws = np.random.default_rng(seed).integers(len(counts), size=(RESAMPLES, len(counts)))
    return figures(counts[draws].sum(axis=1))


def show(title: str, values: NDArray[np.float64], draws: NDArray[np.float64], form: str = ".4f") -> None:
    """Print figures with their intervals."""
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    names = ("P", "R", "F1", "false alarms a frame")
    cells = [
        f"{name} {value:{form}} [{down:{form}}, {up:{form}}]"
        for name, value, down, up in zip(names, values, low, high, strict=True)
    ]
    print(f"{title}  {'  '.join(cells)}", flush=True)


def load(model: str) -> Find:
    """Load a bundle, or the authors' SPIRE weights with their rules."""
    if not model.endswith(".safetensors"):
        return irstd.load(model)
    from irstd.models.predict import detect  # noqa: PLC0415
    from irstd.models.spire.detector import OFFICIAL_RULES  # noqa: PLC0415
    from irstd.models.spire.official import load_official  # noqa: PLC0415

    detector = load_official(Path(model))
    return lambda frame: detect(detector, frame, OFFICIAL_RULES)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--split", default="test", choices=(*SPLITS, "all"))
    parser.add_argument("--against", help="another bundle, which the first is compared with")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)  # with more they wait for each other at every layer
    dataset = CanonicalDataset.open(options.dataset)
    splits = SPLITS if options.split == "all" else (options.split,)
    samples = [sample for split in splits for sample in dataset.samples(split)]
    outcomes = []
    for model in (options.bundle, *([options.against] if options.against else [])):
        clips = by_clip(load(model), samples)
        total = np.sum(list(clips.values()), axis=0)
        values, draws = figures(total), resampled(clips, options.seed)
        hits, false, missed, frames = total.tolist()
        print(f"{model}: {frames} frames of {len(clips)} clips: TP {hits}  FP {false}  FN {missed}")
        show(" ", values, draws)
        outcomes.append((values, draws))
    if len(outcomes) == 2:
        (ours, own), (theirs, other) = outcomes
        show("difference:", ours - theirs, own - other, "+.4f")


if __name__ == "__main__":
    main()
