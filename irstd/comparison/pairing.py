"""Counts of the same frames from two models, paired."""

from collections.abc import Sequence

import numpy as np

from irstd.errors import ScoreError
from irstd.metrics.frame import FrameCounts

# What says that two models were scored against the same truth.
_TRUTH = ("pixels", "targets", "target_pixels", "size_targets")


def paired(a: Sequence[FrameCounts], b: Sequence[FrameCounts]) -> list[tuple[FrameCounts, FrameCounts]]:
    """The frames of `a` with those of `b` of the same name, in the order of `a`.

    Raises:
        ScoreError: a frame is in one of them only or twice in one, or its truth differs.
    """
    mine, its = _by_name(a), _by_name(b)
    alone = sorted(mine.keys() ^ its.keys())
    if alone:
        many = (
            "1 frame is in one of the two only:" if len(alone) == 1 else f"{len(alone)} frames are in one only, such as"
        )
        where = "first" if alone[0] in mine else "second"
        raise ScoreError(f"{many} {alone[0]} in the {where}; compare counts of the same frames")
    for name, frame in mine.items():
        for amount in _TRUTH:
            one, other = getattr(frame.counts, amount), getattr(its[name].counts, amount)
            if not np.array_equal(one, other):
                raise ScoreError(
                    f"{name}: another truth: {amount} is {one} in the first, {other} in the second; "
                    "score both against the same masks"
                )
    return [(frame, its[name]) for name, frame in mine.items()]


def _by_name(frames: Sequence[FrameCounts]) -> dict[str, FrameCounts]:
    by_name = {frame.name: frame for frame in frames}
    if len(by_name) < len(frames):
        names = [frame.name for frame in frames]
        twice = next(name for name in by_name if names.count(name) > 1)
        raise ScoreError(f"{twice or 'unnamed frame'}: there twice; frames are matched by name, give each its own")
    return by_name
