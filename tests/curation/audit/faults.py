"""Every fault that a rule names: how it comes about, and what the audit says of it alone."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.curation.audit.breaking import (
    coloured,
    coordinates_outside,
    copied,
    lists,
    mask,
    more_points,
    nearly,
    soft,
    soft_once,
    without_val,
)


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        severity, rule, names: of its finding.
        message: the whole of it.
        make: breaks a sound dataset with masks, or with masks and points.
        with_points: whether that dataset has points.csv.
        canonical: whether a reader of the dataset stumbles over it as well.
    """

    severity: str
    rule: str
    names: tuple[str, ...]
    message: str
    make: Callable[[Path], object]
    with_points: bool = False
    canonical: bool = True


FAULTS = {
    "unreadable frame": Fault(
        "error",
        "unreadable-frame",
        ("b",),
        "1 frame unreadable; images/b.png: no image that OpenCV can read (8 bytes); replace or remove the file",
        lambda folder: (folder / "images/b.png").write_bytes(b"no image"),
    ),
    "unreadable mask": Fault(
        "error",
        "unreadable-mask",
        ("b",),
        "1 mask unreadable; masks/b.png: no image that OpenCV can read (0 bytes); replace or remove the file",
        lambda folder: (folder / "masks/b.png").write_bytes(b""),
    ),
    "sizes that differ": Fault(
        "error",
        "mask-size",
        ("b",),
        "masks: 1 mask of another size than the frame, such as 47×40 px for the 48×40 px of b; a mask has its "
        "frame's size",
        mask("b", (20, 18, 3), size=(40, 47)),
    ),
    "frame without mask": Fault(
        "error",
        "frame-without-mask",
        ("d",),
        "masks: none for 1 frame; a frame without target has an all-black mask",
        lambda folder: (folder / "masks/d.png").unlink(),
    ),
    "mask without frame": Fault(
        "error",
        "mask-without-frame",
        ("z",),
        "masks: 1 mask whose frame is not in images; add it or remove the mask",
        mask("z", (20, 18, 3)),
        canonical=False,
    ),
    "no labels": Fault(
        "error",
        "no-labels",
        (),
        "neither masks nor points.csv; a dataset needs one of them as its labels",
        lambda folder: shutil.rmtree(folder / "masks"),
    ),
    "absent frames": Fault(
        "error",
        "absent-frame",
        ("y", "z"),
        "splits/val.txt: 2 frames not in images; add them or remove their lines",
        lists(val="c z y"),
    ),
    "missing split": Fault(
        "error",
        "unreadable-list",
        (),
        "splits/val.txt: cannot be read (No such file or directory)",
        without_val,
    ),
    "frame in two splits": Fault(
        "error",
        "two-splits",
        ("a", "b"),
        "splits: 2 frames both in train and in test; a frame has one split",
        lists(test="d b a e"),
    ),
    "frame twice in one split": Fault(
        "error",
        "listed-twice",
        ("d",),
        "splits/test.txt: 1 frame listed twice; keep one line each",
        lists(test="d e d"),
    ),
    "exact duplicates": Fault(
        "error",
        "exact-duplicates",
        ("b", "e"),
        "images: 1 picture in more than one split, such as e (test) and b (train); keep each in one",
        copied,
        canonical=False,
    ),
    "description": Fault(
        "error",
        "unreadable-list",
        (),
        "dataset.json: is no JSON object; write it again or remove it",
        lambda folder: (folder / "dataset.json").write_text("[]"),
    ),
    "point that is NaN": Fault(
        "error",
        "point-not-a-number",
        ("b", "d"),
        "points.csv: x or y is no finite number in 3 rows, the first in line 8; correct them, in px",
        more_points("b,nan,3", "b,4,", "d,inf,2"),
        with_points=True,
    ),
    "point out of frame": Fault(
        "error",
        "point-outside",
        ("c",),
        "points.csv: 2 points outside the frame, such as (47.6, 10) of c; points are (x, y) px from the top left",
        coordinates_outside,
        with_points=True,
    ),
    "point of no frame": Fault(
        "error",
        "point-without-frame",
        ("z",),
        "points.csv: 1 frame not in images; add them or remove their rows",
        more_points("z,4,5"),
        with_points=True,
    ),
    "points without a column": Fault(
        "error",
        "unreadable-list",
        (),
        "points.csv: no column frame (its columns are name, x, y); needed are frame, x, y",
        lambda folder: (folder / "points.csv").write_text("name,x,y\na,1,2\n"),
        with_points=True,
    ),
    "points with a field more than the header": Fault(
        "error",
        "unreadable-list",
        (),
        "points.csv: line 2: has 4 fields, the header 3; correct that line (a decimal is 1.5, not 1,5)",
        lambda folder: (folder / "points.csv").write_text("frame,x,y\na,b,20,18\nb,c,20,18\n"),
        with_points=True,
    ),
    "near-duplicates": Fault(
        "warning",
        "near-duplicates",
        ("e",),
        "images: 1 of 2 test frames correlate above 0.99 with a frame of train; test figures are given without them "
        "too",
        nearly,
    ),
    "soft mask": Fault(
        "warning",
        "soft-mask",
        ("c",),
        "masks: 1 mask with levels between 0 and the largest; every pixel that is not 0 counts as target, threshold "
        "them first if that is too much",
        soft,
    ),
    "mask that was soft": Fault(
        "warning",
        "soft-mask",
        ("c",),
        "masks: 1 mask with levels between 0 and the largest; every pixel that is not 0 counts as target, threshold "
        "them first if that is too much",
        soft_once,
    ),
    "empty masks": Fault(
        "warning",
        "empty-mask",
        ("b", "e"),
        "masks: 2 masks without a target pixel; see that there is nothing to find",
        lambda folder: [mask("b")(folder), mask("e")(folder)],
    ),
    "touching targets": Fault(
        "warning",
        "touching-targets",
        ("c",),
        "masks: 1 frame with targets at most 1 px apart or several points on one; detectors tend to merge them, see "
        "that the labels are meant so",
        mask("c", (20, 18, 3), (24, 18, 3)),
    ),
    "two points on one target": Fault(
        "warning",
        "touching-targets",
        ("d",),
        "masks: 1 frame with targets at most 1 px apart or several points on one; detectors tend to merge them, see "
        "that the labels are meant so",
        more_points("d,20,18"),
        with_points=True,
    ),
    "unequal channels": Fault(
        "warning",
        "unequal-channels",
        ("d", "e"),
        "images: the channels differ in 2 of 3 three-channel frames, by up to 7 grey levels; a model that reads grey "
        "sees their luma",
        coloured,
    ),
    "frame in no split": Fault(
        "warning",
        "unlisted-frame",
        ("e",),
        "splits: 1 frame in no list; nothing reads them, list or remove them",
        lists(test="d"),
    ),
    "stray files": Fault(
        "warning",
        "stray-file",
        ("images/f.bmp", "masks/g.PNG"),
        "images, masks: 2 files that do not end in .png and are not read; convert or remove them",
        lambda folder: [(folder / name).write_bytes(b"") for name in ("images/f.bmp", "masks/g.PNG", "images/.hidden")],
    ),
    "point off the mask": Fault(
        "warning",
        "point-off-mask",
        ("c",),
        "points.csv: 1 point over 1 px from any target of the mask, in 1 frame; points and masks should tell the same "
        "targets",
        more_points("c,10,10"),
        with_points=True,
    ),
    "target without point": Fault(
        "warning",
        "target-without-point",
        ("c",),
        "points.csv: no point for 1 target of the masks, in 1 frame; points and masks should tell the same targets",
        mask("c", (20, 18, 3), (40, 30, 2)),
        with_points=True,
    ),
}
