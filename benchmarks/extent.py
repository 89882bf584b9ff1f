"""How good the step from points to pixels is, and which constants suit it: `python benchmarks/extent.py DATASET…`.

The constants of `ExtentRule` are fitted on the train splits with true points and then frozen with the definition of
the score; this is how. DATASET is a canonical dataset with masks (`irstd data import`). `pixel` is the mean of IoU and
nIoU, which is the pixel part of a perfect point model, and 50 · (1 + pixel) its HSE; `joint` is the mean of `pixel`
over the datasets, each counting alike. Behind `±`: what a setting gains or loses when every point is moved by --error
px in a random direction.
"""

import argparse
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError
from irstd.frames import to_8bit, to_grey
from irstd.labels.extent import RULE, ExtentRule, masks_from_points

FRACTIONS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
REACHES_PX = (4, 6, 8, 10, 12)
RINGS_PX = (1, 2, 4)
SEEDS_PX = (1, 2, 3)
DRAWS = 5


@dataclass(frozen=True)
class Labelled:
    """One frame as the step sees it: uint8 (H, W), the true points (n, 2) and the true mask, bool (H, W)."""

    grey: NDArray[np.uint8]
    points: NDArray[np.float64]
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Overlap:
    """IoU of all pixels, and nIoU, the mean of the frames' own over the frames with a target."""

    iou: float
    niou: float

    @property
    def pixel(self) -> float:
        """Their mean."""
        return (self.iou + self.niou) / 2


def read(folder: Path, split: str) -> list[Labelled]:
    """The frames of a split that hold a target."""
    frames = []
    for sample in CanonicalDataset.open(folder).samples(split):
        if sample.mask is None:
            raise DataError(f"{folder}: has points but no masks; the step is measured against masks")
        if len(sample.points):
            frames.append(Labelled(to_grey(to_8bit(sample.frame)), sample.points, sample.mask))
    return frames


def overlap(frames: Iterable[Labelled], rule: ExtentRule, error_px: float = 0.0, draw: int = 0) -> Overlap:
    """How well the step covers the masks from the true points, each moved by `error_px` in a random direction."""
    rng = np.random.default_rng(draw)
    counts = []
    for frame in frames:
        angles = rng.uniform(0, 2 * np.pi, len(frame.points))
        moved = frame.points + error_px * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        grown = masks_from_points(frame.grey, moved, rule)
        counts.append((np.count_nonzero(grown & frame.mask), np.count_nonzero(grown | frame.mask)))
    both, either = np.array(counts, dtype=np.float64).T
    return Overlap(float(both.sum() / either.sum()), float((both / either).mean()))


def grid() -> list[ExtentRule]:
    """The settings that are tried."""
    return [ExtentRule(*each) for each in itertools.product(FRACTIONS, REACHES_PX, RINGS_PX, SEEDS_PX)]


def show_plane(name: str, pixel: Mapping[ExtentRule, float]) -> None:
    """Print `pixel` by fraction, down, and reach, across."""
    print(f"{name[:12]:>12}" + "".join(f"{reach:7d}" for reach in REACHES_PX))
    for fraction in FRACTIONS:
        rules = [ExtentRule(fraction, reach, RULE.ring_px, RULE.seed_px) for reach in REACHES_PX]
        print(f"{fraction:12.2f}" + "".join(f"{pixel[rule]:7.3f}" for rule in rules))


def show_row(rule: ExtentRule, sets: Mapping[str, list[Labelled]], error_px: float, note: str = "") -> None:
    """Print the constants, `joint`, and on each dataset IoU and nIoU, each with its change by an error, and `pixel`."""
    parts, pixels = [], []
    for frames in sets.values():
        true = overlap(frames, rule)
        moved = [overlap(frames, rule, error_px, draw) for draw in range(DRAWS)]
        iou, niou = (float(np.mean(each)) for each in zip(*map(astuple, moved), strict=True))
        parts.append(f"{true.iou:.3f} {iou - true.iou:+.3f}  {true.niou:.3f} {niou - true.niou:+.3f}  {true.pixel:.3f}")
        pixels.append(true.pixel)
    constants = f"{rule.fraction:8.2f} {rule.reach_px:5d} {rule.ring_px:4d} {rule.seed_px:4d}"
    print(f"{constants}  {np.mean(pixels):.4f}   {'   '.join(parts)}{note}")


def show_rows(rules: Iterable[ExtentRule], title: str, sets: Mapping[str, list[Labelled]], error_px: float) -> None:
    """Print the shipped setting and then `rules`, best first."""
    error = f"±{error_px:g} px"
    print(f"\n{title}\nfraction reach ring seed   joint   {'   '.join(f'{name[:31]:31}' for name in sets)}")
    print(" " * 35 + "   ".join(f"IoU  {error:>6}  nIoU {error:>6}  pixel" for _ in sets))
    show_row(RULE, sets, error_px, "   shipped")
    for rule in rules:
        show_row(rule, sets, error_px)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="+", type=Path, metavar="DATASET")
    parser.add_argument("--split", default="train", help="which the constants are fitted on")
    parser.add_argument("--error", type=float, default=1.0, help="px by which each point is moved")
    parser.add_argument("--best", type=int, default=5, help="so many settings are shown")
    options = parser.parse_args()
    sets = {folder.resolve().name: read(folder, options.split) for folder in options.datasets}
    for name, frames in sets.items():
        print(f"{name}, {options.split}: {len(frames)} frames with {sum(len(each.points) for each in frames)} targets")
    tried = grid()
    pixel = {name: {rule: overlap(frames, rule).pixel for rule in tried} for name, frames in sets.items()}
    joint = {rule: float(np.mean([own[rule] for own in pixel.values()])) for rule in tried}
    print("\npixel by fraction, down, and reach, across; ring and seed as shipped")
    for name, own in {"joint": joint, **pixel}.items():
        show_plane(name, own)
    ranked = sorted(tried, key=lambda rule: -joint[rule])
    nowhere_worse = [rule for rule in ranked if all(own[rule] >= own[RULE] for own in pixel.values()) and rule != RULE]
    show_rows(ranked[: options.best], "best by joint", sets, options.error)
    show_rows(nowhere_worse[: options.best], "of those that are worse on no dataset", sets, options.error)


if __name__ == "__main__":
    main()
