"""Rules on frames in two splits under two names: equal pixels, or nearly equal pictures."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.stored import Stored
from irstd.curation.near_duplicates import SIMILAR, similar_pairs

# The scored split first, then the one a detector may have learned from.
_COMPARED = (("test", "train"), ("test", "val"), ("val", "train"))


@dataclass(frozen=True)
class NearDuplicate:
    """Two nearly equal frames of different splits.

    Attributes:
        split: split of the scored frame: test, or val against train.
        frame: name of the scored frame.
        other_split: split of the other frame: train or val.
        other: name of the other frame.
        correlation: correlation of their thumbnails.
    """

    split: str
    frame: str
    other_split: str
    other: str
    correlation: float


def exact_duplicates(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    """Find frames with equal pixels in different splits."""
    homes, same = stored.homes, defaultdict[bytes, list[str]](list)
    for name in sorted(homes):
        image = seen[name].image
        if image is not None:
            same[image.digest].append(name)
    across = [names for names in same.values() if len({homes[name] for name in names}) > 1]
    if across:
        one_a_split = {homes[name]: name for name in reversed(across[0])}
        first = " and ".join(f"{name} ({split})" for split, name in sorted(one_a_split.items()))
        yield error(
            "exact-duplicates",
            f"images: {counted(len(across), 'picture')} in more than one split, such as {first}; keep each in one",
            sorted(name for names in across for name in names),
        )


def find_near_duplicates(stored: Stored, seen: Mapping[str, FrameFacts]) -> tuple[NearDuplicate, ...]:
    """Return all pairs of different splits that correlate above 0.99, without exact duplicates, which are errors."""
    images = {name: image for name in stored.homes if (image := seen[name].image) is not None}
    found = list[NearDuplicate]()
    for split, other in _COMPARED:
        ours, theirs = (
            {name: images[name].thumbnail for name in stored.members[each] if name in images} for each in (split, other)
        )
        found += [
            NearDuplicate(split, pair.first, other, pair.second, pair.correlation)
            for pair in similar_pairs(ours, theirs)
            if images[pair.first].digest != images[pair.second].digest
        ]
    return tuple(found)


def near_duplicates(pairs: tuple[NearDuplicate, ...], stored: Stored) -> Iterator[Finding]:
    """Make one finding for each pair of splits."""
    for split, other in _COMPARED:
        names = sorted({pair.frame for pair in pairs if (pair.split, pair.other_split) == (split, other)})
        if names:
            advice = "test figures are given without them too" if split == "test" else "they flatter model selection"
            yield warning(
                "near-duplicates",
                f"images: {len(names)} of {counted(len(stored.members[split]), f'{split} frame')} correlate above "
                f"{SIMILAR:g} with a frame of {other}; {advice}",
                names,
            )
