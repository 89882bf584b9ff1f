"""Rules on the lists of the splits."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.stored import Stored


def check_splits(stored: Stored) -> Iterator[Finding]:
    """Find empty lists, absent frames, frames listed twice in one list or in two or in none, and clips in two."""
    known, homes = set(stored.frames), stored.homes
    for split, names in stored.splits.items():
        path = f"splits/{split}.txt"
        if not names:
            yield error("empty-split", f"{path}: empty; it needs at least one frame name a line")
        absent = sorted(set(names) - known)
        if absent:
            yield error(
                "absent-frame",
                f"{path}: {counted(len(absent), 'frame')} not in images; add them or remove their lines",
                absent,
            )
        twice = sorted(name for name, times in Counter(names).items() if times > 1)
        if twice:
            yield error(
                "listed-twice", f"{path}: {counted(len(twice), 'frame')} listed twice; keep one line each", twice
            )
    yield from _shared(stored)
    yield from _clips(stored, homes)
    unlisted = [name for name in stored.frames if name not in homes]
    if unlisted:
        yield warning(
            "unlisted-frame",
            f"splits: {counted(len(unlisted), 'frame')} in no list; nothing reads them, list or remove them",
            unlisted,
        )


def _clips(stored: Stored, homes: Mapping[str, str]) -> Iterator[Finding]:
    sides: dict[str, set[str]] = {}
    for name, clip in stored.clips.items():
        if name in homes:
            sides.setdefault(clip, set()).add(homes[name])
    torn = sorted(clip for clip, splits in sides.items() if len(splits) > 1)
    if torn:
        yield warning(
            "clip-in-two-splits",
            f"sequences.csv: {len(torn)} of {counted(len(sides), 'clip')} in more than one split; frames of a clip are "
            "alike, keep each clip in one",
            torn,
        )


def _shared(stored: Stored) -> Iterator[Finding]:
    for first, second in combinations(stored.splits, 2):
        shared = sorted(set(stored.splits[first]) & set(stored.splits[second]))
        if shared:
            yield error(
                "two-splits",
                f"splits: {counted(len(shared), 'frame')} both in {first} and in {second}; a frame has one split",
                shared,
            )
