"""Frames that stand in two splits under two names: the same pixels, or nearly the same picture."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.near_duplicates import SIMILAR, similar_pairs

# What is scored stands first; what it may know already second.
_COMPARED = (("test", "train"), ("test", "val"), ("val", "train"))


@dataclass(frozen=True)
class NearDuplicate:
    """Two frames of different splits that show nearly the same picture.

    Attributes:
        split: of the one that is scored: test, or val beside train.
        frame: its name.
        other_split: train or val.
        other: the other's name.
        correlation: of their thumbnails.
    """

    split: str
    frame: str
    other_split: str
    other: str
    correlation: float


def exact_duplicates(seen: Mapping[str, FrameFacts], homes: Mapping[str, str]) -> Iterator[Finding]:
    """Frames with equal pixels in different splits."""
    same = defaultdict[bytes, list[str]](list)
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


def find_near_duplicates(seen: Mapping[str, FrameFacts], homes: Mapping[str, str]) -> tuple[NearDuplicate, ...]:
    """All pairs of different splits that correlate above 0.99, exact duplicates left out: those are errors."""
    images = {name: image for name in homes if (image := seen[name].image) is not None}
    found = list[NearDuplicate]()
    for split, other in _COMPARED:
        ours, theirs = (
            {name: image.thumbnail for name, image in images.items() if homes[name] == each} for each in (split, other)
        )
        found += [
            NearDuplicate(split, pair.first, other, pair.second, pair.correlation)
            for pair in similar_pairs(ours, theirs)
            if images[pair.first].digest != images[pair.second].digest
        ]
    return tuple(found)


def near_duplicates(pairs: tuple[NearDuplicate, ...], homes: Mapping[str, str]) -> Iterator[Finding]:
    """One finding for each two splits."""
    for split, other in _COMPARED:
        names = sorted({pair.frame for pair in pairs if (pair.split, pair.other_split) == (split, other)})
        if names:
            total = sum(home == split for home in homes.values())
            advice = "test figures are given without them too" if split == "test" else "they flatter model selection"
            yield warning(
                "near-duplicates",
                f"images: {len(names)} of {counted(total, f'{split} frame')} correlate above {SIMILAR:g} with a frame "
                f"of {other}; {advice}",
                names,
            )
