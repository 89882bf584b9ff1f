"""The table of docs/results.md: bundles on the frames of one split, with intervals and differences to one of them.

    python -m benchmarks.results_table data/raw/nudt --out results/nudt --against authors \
        'authors=outputs/imported/spire-authors' 'spire-plus=irstd/pretrained' …

The counts of a row lie in --out and are not made again, so that a row is scored once; a row of another bundle, or on
other frames, is refused. Intervals (95 %) and the paired differences come from resampling frames. ms: of a frame of
512 × 512 px, as the gate measures it, with one thread.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from irstd.comparison.compare import Comparison, compare_fits
from irstd.comparison.stored import COUNTS_FILE, read_counts, write_counts
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError, IrstdError
from irstd.evaluation.scoring import score_frames
from irstd.files import make_folder, write_text
from irstd.files.json_files import read_json
from irstd.metrics.counts import pooled
from irstd.metrics.frame import FrameCounts
from irstd.metrics.headline import FIGURES
from irstd.metrics.thresholds import AT_OPERATING
from irstd.models.base import Rules
from irstd.models.bundle import load_detector
from irstd.models.cost import count_parameters, gmac_512
from irstd.promotion.candidates import latency_ms

ROW_FILE = "row.json"
SHOWN = ("hse_2", "hse", "ap_target", "precision", "pd", "f1", "iou", "fa_per_mpx")
BRACKETED = ("hse_2", "hse", "f1")
APART = ("hse_2", "ap_target", "f1", "iou")
SEED = 7


@dataclass(frozen=True)
class Row:
    """A row without its counts.

    Attributes:
        bundle: hash of the bundle.
        frames: fingerprint of the frames it was scored on.
        threshold: the operating threshold.
        parameters: trainable values.
        gmac: multiply-adds of a frame of 512 × 512 px, in 1e9.
        ms: median time of a detection in such a frame.
    """

    bundle: str
    frames: str
    threshold: float
    parameters: int
    gmac: float
    ms: float


def row(out: Path, name: str, model: str, dataset: CanonicalDataset, split: str) -> tuple[Row, list[FrameCounts]]:
    """Return the row of a bundle, scored now or before.

    Raises:
        DataError: a row of that name is there, of another bundle or threshold, or on other frames.
    """
    folder, _, threshold = model.partition("@")
    loaded, place = load_detector(Path(folder)), out / name
    if threshold:
        loaded = replace(loaded, bundle=replace(loaded.bundle, operating=Rules(threshold=float(threshold))))
    operating, frames = loaded.bundle.operating, fingerprint(dataset.folder, split)
    if (place / ROW_FILE).exists():
        known = Row(**read_json(place / ROW_FILE))
        if (known.bundle, known.threshold, known.frames) != (loaded.hash, operating.threshold, frames):
            raise DataError(f"{place}: is the row of another bundle or of other frames; choose another name or --out")
        return known, read_counts(place / COUNTS_FILE)[split]
    total, done = len(dataset.splits[split]), 0

    def tell(_: str) -> None:
        nonlocal done
        done += 1
        print(f"\r{name}: {done} of {total} frames", end="" if done < total else "\n", file=sys.stderr, flush=True)

    counts = score_frames(loaded.detector, dataset.samples(split), operating, tell).frames
    bundle = loaded.bundle
    noise = np.random.default_rng(0).integers(90, 110, (512, 512), dtype=np.uint8)
    cost = (count_parameters(loaded.detector), gmac_512(bundle.detector, bundle.settings, loaded.detector))
    known = Row(loaded.hash, frames, operating.threshold, *cost, latency_ms(loaded, [noise]))
    make_folder(place)
    write_counts(place / COUNTS_FILE, {split: counts})
    write_text(place / ROW_FILE, json.dumps(asdict(known), indent=2) + "\n")  # last: with it the row is complete
    return known, counts


def main() -> int:
    """Score what is missing and print the table."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    try:
        named = named_bundles(options.rows, options.against)
        dataset = CanonicalDataset.open(options.dataset)
        rows = {name: row(options.out, name, model, dataset, options.split) for name, model in named.items()}
    except IrstdError as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    first = options.against or next(iter(rows))
    ordered = {name: {name: rows[name][1]} for name in (first, *(each for each in rows if each != first))}
    found = compare_fits(ordered, SEED)
    frames = dataset.splits[options.split]
    print(f"\n{dataset.info.name}, {options.split}: {len(frames)} frames, {found.targets} targets\n")
    show_table({name: known for name, (known, _) in rows.items()}, found)
    show_differences(found)
    show_distances({name: counts for name, (_, counts) in rows.items()})
    return 0


def named_bundles(rows: Sequence[str], against: str | None) -> dict[str, str]:
    """The bundles by name.

    Raises:
        DataError: one has no name, or there is none of the name `against`.
    """
    for each in rows:
        if not all(each.partition("=")):
            raise DataError(f"{each}: rows are given as NAME=BUNDLE")
    named = dict(each.split("=", 1) for each in rows)
    if against not in (None, *named):
        raise DataError(f"--against {against}: no such row; there are {', '.join(named)}")
    return named


def show_table(rows: Mapping[str, Row], found: Comparison) -> None:
    """Print scores and cost, a row each in the order of `rows`."""
    headings = [FIGURES[each].heading for each in SHOWN]
    print(f"| detector | {' | '.join(headings)} | M | GMAC | ms |\n|{'---|' * (len(SHOWN) + 4)}")
    estimates = {model.name: model.figures for model in found.models}
    for name, known in rows.items():
        cells = [
            FIGURES[each].with_interval(own.value, own.interval if each in BRACKETED else None)
            for each, own in ((each, estimates[name][each]) for each in SHOWN)
        ]
        print(f"| {name} | {' | '.join(cells)} | {known.parameters / 1e6:.3f} | {known.gmac:.2f} | {known.ms:.0f} |")


def show_differences(found: Comparison) -> None:
    """Print the others' paired differences to the first, * where 0 lies outside the interval."""
    first, *others = found.models
    print(f"\nminus {first.name}: {', '.join(FIGURES[each].heading for each in APART)}")
    for model in others:
        cells = []
        for each in APART:
            apart = model.differences[each]
            text = FIGURES[each].with_interval(apart.value, apart.interval, signed=True)
            cells.append(text + ("*" if apart.decided else ""))
        print(f"  {model.name}: {', '.join(cells)}")


def show_distances(rows: Mapping[str, Sequence[FrameCounts]]) -> None:
    """Print F1 at 1 to 5 px of each row, at its threshold."""
    print("\nF1 within 1, 2, 3, 4, 5 px")
    for name, frames in rows.items():
        whole = pooled((frame.counts for frame in frames), frames[0].counts.threshold)
        f1 = 2 * whole.target_tp[AT_OPERATING] / (whole.found[AT_OPERATING] + whole.targets)
        print(f"  {name}: {', '.join(f'{each:.3f}' for each in f1)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder in the canonical form, with masks")
    parser.add_argument(
        "rows", nargs="+", metavar="NAME=BUNDLE", help="NAME=BUNDLE@T: at threshold T, without other rules"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the rows")
    parser.add_argument("--split", default="test", choices=("val", "test"))
    parser.add_argument("--against", metavar="NAME", help="the row that others are compared with; default: the first")
    return parser


if __name__ == "__main__":
    sys.exit(main())
