"""Sequences of frames, told by names such as SEQ_FRAME with a number for the frame."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import chain

from scipy.cluster.hierarchy import DisjointSet

_NAME = re.compile(r"(.+)[_-]\d+")
_FEWEST = 10  # beginnings of names from which on they are taken for sequences; Misc_1 to Misc_427 are none

Group = tuple[str, ...]


def with_sequences(groups: Sequence[Group]) -> list[Group]:
    """Join the groups that share a sequence; names are sorted in a group, groups by their first name.

    The same groups if their names tell fewer than ten sequences of two frames or more, or all would be joined.
    """
    beginnings = [[match[1] for name in group if (match := _NAME.fullmatch(name))] for group in groups]
    sizes = Counter(chain.from_iterable(beginnings))
    sequences = {name for name, size in sizes.items() if size > 1}
    if len(sequences) < _FEWEST:
        return list(groups)
    return joined(groups, [sequences.intersection(own) for own in beginnings])


def joined(groups: Sequence[Group], marks: Sequence[AbstractSet[str]]) -> list[Group]:
    """Join the groups that share a mark; `marks` has those of each. The same groups if all would be joined."""
    ties, first = DisjointSet(range(len(groups))), dict[str, int]()
    for at, own in enumerate(marks):
        for mark in own:
            ties.merge(first.setdefault(mark, at), at)
    found = sorted(tuple(sorted(name for at in tied for name in groups[at])) for tied in ties.subsets())
    return found if len(found) > 1 else list(groups)
