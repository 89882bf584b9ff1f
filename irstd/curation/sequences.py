"""Sequences of frames, told by names such as SEQ_FRAME with a number for the frame."""

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_NAME = re.compile(r"(.+)[_-]\d+")
_FEWEST = 10  # beginnings of names from which on they are taken for sequences; Misc_1 to Misc_427 are none

Group = tuple[str, ...]


def with_sequences(groups: Sequence[Group]) -> list[Group]:
    """Join the groups that share a sequence; names are sorted in a group, groups by their first name.

    The same groups if their names tell fewer than ten sequences of two frames or more, or all would be joined.
    """
    beginnings = [{match[1] for name in group if (match := _NAME.fullmatch(name))} for group in groups]
    sizes = Counter(match[1] for group in groups for name in group if (match := _NAME.fullmatch(name)))
    sequences = {name for name, size in sizes.items() if size > 1}
    if len(sequences) < _FEWEST:
        return list(groups)
    return joined(groups, [own & sequences for own in beginnings])


def joined(groups: Sequence[Group], marks: Sequence[AbstractSet[str]]) -> list[Group]:
    """Join the groups that share a mark; `marks` has those of each. The same groups if all would be joined."""
    places = {name: index for index, name in enumerate(sorted(set[str]().union(*marks)))}
    ties = [(at, len(groups) + places[name]) for at, own in enumerate(marks) for name in own]
    if not ties:
        return list(groups)
    rows, columns = np.array(ties).T
    total = len(groups) + len(places)
    graph = coo_array((np.ones(len(ties), dtype=np.bool_), (rows, columns)), shape=(total, total))
    labels = connected_components(graph, directed=False)[1][: len(groups)]
    together = dict[int, list[str]]()
    for group, label in zip(groups, labels, strict=True):
        together.setdefault(int(label), []).extend(group)
    found = sorted(tuple(sorted(names)) for names in together.values())
    return found if len(found) > 1 else list(groups)
