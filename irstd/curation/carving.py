"""Splits carved out of train, near-duplicates on one side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from irstd.datasets.canonical import SPLITS
from irstd.errors import DataError

ONE_IN = 5
"""A carved split gets one frame in five, rounded up: IRSTD-1k's 1001 frames give 800 and 201."""

Names = tuple[str, ...]
FindGroups = Callable[[Names], Iterable[Names]]
"""Divides frames into groups that stay together (`irstd.curation.near_duplicates.similar_groups`)."""

_ORDER = ("test", "val")  # order of carving; the index is also the stream of random numbers


@dataclass(frozen=True)
class Splits:
    """Train, val and test of a dataset.

    Attributes:
        frames: names of the frames of each split, in the published order.
        origin: origin of the splits in one line: "official", or the numbers of frames carved out.
    """

    frames: Mapping[str, Names]
    origin: str


def complete_splits(
    names: Sequence[str], official: Mapping[str, Names], find_groups: FindGroups, seed: int, *, of_all: bool = False
) -> Splits:
    """Return all three splits: official ones unchanged, a missing test, then a missing val carved out of train. Ours.

    Without an official train, train is all unlisted frames; with one, unlisted frames are left out, and `origin` says
    so. Same frames, lists and seed, same splits.

    Args:
        names: all frames.
        official: the published splits, some, all or none of train, val and test.
        find_groups: called with the frames of train if a split is missing.
        seed: any integer from 0.
        of_all: a carved val is one in five of all that train had before test was carved, not of what is left, so that
            both are of one size; for sets of few large groups.

    Raises:
        DataError: a negative seed, or train has too few different frames.
    """
    if seed < 0:
        raise DataError(f"the seed of carved splits must be 0 or more, got {seed}")
    listed = {name for split in official.values() for name in split}
    unlisted = tuple(name for name in names if name not in listed)
    frames = {"train": unlisted} | dict(official)
    missing = [split for split in _ORDER if split not in official]
    groups = [tuple(group) for group in find_groups(frames["train"])] if missing else []
    notes = [f"{', '.join(split for split in SPLITS if split in official)}: official"] if official else []
    if official and "train" not in official:
        notes.append("train: the frames in no list")
    whole = frames["train"]
    for split in missing:
        train = frames["train"]
        wanted = -(-len(whole if of_all else train) // ONE_IN)
        frames[split] = _carve(split, train, groups, seed, wanted)
        gone = set(frames[split])
        groups = [group for group in groups if group[0] not in gone]
        frames["train"] = tuple(name for name in train if name not in gone)
        notes.append(f"{split}: carved, {len(frames[split])} of {len(train)} train frames, seed {seed}")
    if not missing and "train" in official:
        notes = ["official"]
    if "train" in official and unlisted:
        notes.append(f"left out: {len(unlisted)} of {len(names)} frames, in no list")
    return Splits({split: frames[split] for split in SPLITS}, "; ".join(notes))


def _carve(split: str, train: Names, groups: Sequence[Names], seed: int, wanted: int) -> Names:
    """Choose `wanted` frames of `train`, in its order: random whole groups that fit, else the smallest group."""
    if len(groups) < 2:
        raise DataError(
            f"{len(train)} train frames, all alike or too few: no {split} split can be carved out of them; "
            "add frames, or lists of the splits"
        )
    order = np.random.default_rng([seed, _ORDER.index(split)]).permutation(len(groups))
    taken: set[str] = set()
    for index in order:
        if len(taken) + len(groups[index]) <= wanted:
            taken.update(groups[index])
    if not taken:
        smallest = min((groups[index] for index in order), key=len)
        taken.update(smallest)
    return tuple(name for name in train if name in taken)
