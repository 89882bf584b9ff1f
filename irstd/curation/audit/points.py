"""Rules on points.csv, the frames and the masks."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.stored import Stored
from irstd.datasets.sample import about_outside, points_outside
from irstd.files.tables import LINE


def check_points(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    """Find rows without numbers or a frame, points outside their frame, and points and masks that disagree."""
    if stored.rows is None:
        return
    yield from _rows(stored.rows, stored.frames)
    sizes = {name: facts.image.size for name, facts in seen.items() if facts.image}
    outside = {name: points_outside(seen[name].points, size) for name, size in sizes.items()}
    names = [name for name, points in outside.items() if len(points)]
    if names:
        x, y = outside[names[0]][0]
        yield error(
            "point-outside",
            f"points.csv: {counted(sum(map(len, outside.values())), 'point')} outside the frame, such as "
            f"({x:g}, {y:g}) of {names[0]}; {about_outside(outside[names[0]], sizes[names[0]])}",
            names,
        )
    yield from _against_masks(seen)


def _rows(rows: pd.DataFrame, known: Sequence[str]) -> Iterator[Finding]:
    faulty = ~np.isfinite(rows[["x", "y"]].to_numpy(dtype=np.float64)).all(axis=1)
    frames = rows["frame"].to_numpy(dtype=object)
    if faulty.any():
        line = rows[LINE].iloc[int(np.argmax(faulty))]
        yield error(
            "point-not-a-number",
            f"points.csv: x or y is no finite number in {counted(int(faulty.sum()), 'row')}, the first in line {line}; "
            "correct them, in px",
            sorted(set(frames[faulty])),
        )
    absent = sorted(set(frames) - set(known))
    if absent:
        yield error(
            "point-without-frame",
            f"points.csv: {counted(len(absent), 'frame')} not in images; add them or remove their rows",
            absent,
        )


def _against_masks(seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    masks = {name: facts.mask for name, facts in seen.items() if facts.mask}
    off = [name for name, mask in masks.items() if (mask.owners < 0).any()]
    if off:
        number = sum(int((mask.owners < 0).sum()) for mask in masks.values())
        yield warning(
            "point-off-mask",
            f"points.csv: {counted(number, 'point')} over 1 px from any target of the mask, in "
            f"{counted(len(off), 'frame')}; points and masks should tell the same targets",
            off,
        )
    bare = {name: len(mask.areas) - len(set(mask.owners[mask.owners >= 0].tolist())) for name, mask in masks.items()}
    names = [name for name, number in bare.items() if number]
    if names:
        yield warning(
            "target-without-point",
            f"points.csv: no point for {counted(sum(bare.values()), 'target')} of the masks, in "
            f"{counted(len(names), 'frame')}; points and masks should tell the same targets",
            names,
        )
