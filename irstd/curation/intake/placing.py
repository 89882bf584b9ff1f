"""The choice of a split for new frames; a dataset's own frames keep theirs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from irstd.curation.audit.facts import ImageFacts
from irstd.curation.near_duplicates import similar_groups, similar_pairs

ALREADY = "there already, pixel for pixel"
NEARLY = "nearly a frame of val or test"

Images = Mapping[str, ImageFacts]


@dataclass(frozen=True)
class Shares:
    """Shares of new scenes that go to val and to test, in [0, 1]; the rest goes to train.

    With both 0, val and test stay the same, and scores from before and after are comparable frame by frame.
    """

    val: float = 0.0
    test: float = 0.0


@dataclass(frozen=True)
class Placement:
    """Splits of new frames.

    Attributes:
        splits: train, val or test of each frame taken in, by name.
        left_out: the reason for each frame left out, by name.
    """

    splits: Mapping[str, str]
    left_out: Mapping[str, str]


def place_frames(new: Images, there: Images, homes: Mapping[str, str], shares: Shares, seed: int) -> Placement:
    """Choose the split of each of the `new` frames from their pixels and the seed, not from their names. Ours.

    A frame that the dataset has already is left out. So is a near-duplicate (correlation above 0.99) of a frame of val
    or test, which in train would make the score too good. Near-duplicates stay together, with those in train if there
    are any; else a hash of the seed and the group's pixels decides.

    Args:
        new: facts of the new frames by name.
        there: facts of the dataset's frames by name.
        homes: split of each of the dataset's frames.
        shares: shares of val and test.
        seed: any integer from 0.
    """
    left_out = _known(new, there)
    rest = {name: image.thumbnail for name, image in new.items() if name not in left_out}
    scored, learned = (
        {name: there[name].thumbnail for name, home in homes.items() if name in there and (home == "train") == own}
        for own in (False, True)
    )
    left_out |= {pair.first: NEARLY for pair in similar_pairs(rest, scored)}
    rest = {name: picture for name, picture in rest.items() if name not in left_out}
    with_train = {pair.first for pair in similar_pairs(rest, learned)}
    splits = dict[str, str]()
    for group in similar_groups(rest):
        digest = min(new[name].digest for name in group)
        home = "train" if with_train.intersection(group) else _drawn(digest, shares, seed)
        splits |= dict.fromkeys(group, home)
    return Placement(splits, left_out)


def _known(new: Images, there: Images) -> dict[str, str]:
    """Return the frames whose pixels are in the dataset or in an earlier new frame, in the order of names."""
    seen = {image.digest for image in there.values()}
    known = dict[str, str]()
    for name in sorted(new):
        if new[name].digest in seen:
            known[name] = ALREADY
        seen.add(new[name].digest)
    return known


def _drawn(digest: bytes, shares: Shares, seed: int) -> str:
    place = int.from_bytes(hashlib.sha256(f"{seed} ".encode() + digest).digest()[:8]) / 2**64
    if place < shares.test:
        return "test"
    return "val" if place < shares.test + shares.val else "train"
