"""Rules on labels that do not lie on targets: of other frames, swapped, corners for centres, fractions, inverted."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted, error, warning
from irstd.curation.audit.spots import Spots
from irstd.curation.audit.stored import Stored

# A place taken at random stands out less than half of its frame (rank below 0.5) every other time; of the targets of
# SIRST-V1, NUDT-SIRST and the demo set 0 to 2 % do. A set or split with over one in five and two more is wrong. [ours]
_LOW_RANK = 0.5
_MOST_LOW, _LEEWAY = 0.2, 2
_ASIDE_PX, _ONE_SIDE = 2, 0.6  # corners: the strongest spot lies so far off in both axes, towards one side, so often
_FEWEST = 3  # points from which on all may lie in [0, 1] for another reason than chance


def check_placement(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    """Find masks that are inverted, and labels that lie on nothing."""
    inverted = [name for name, facts in seen.items() if _is_inverted(facts)]
    if inverted:
        yield error(
            "inverted-mask",
            f"masks: target in more than half of the frame in {counted(len(inverted), 'mask')}; 0 is background, "
            "invert them",
            inverted,
        )
    fractions = _are_fractions(stored, seen)
    if fractions:
        yield error(
            "fractional-points",
            "points.csv: all x and y lie in [0, 1], as fractions of the frame do; multiply x by the width and y by the "
            "height, and take 0.5 off",
            sorted(name for name, facts in seen.items() if len(facts.points)),
        )
    spots = {name: facts.spots for name, facts in seen.items() if facts.spots and name not in inverted}
    by_split = (_astray(names, spots) for names in stored.members.values())
    astray = _astray(list(spots), spots) or list(chain.from_iterable(by_split))
    if astray and not fractions:
        yield _diagnosis("masks" if stored.rows is None else "points.csv", sorted(astray), spots)


def _is_inverted(facts: FrameFacts) -> bool:
    return facts.mask is not None and 2 * int(facts.mask.areas.sum()) > facts.mask.size[0] * facts.mask.size[1]


def _are_fractions(stored: Stored, seen: Mapping[str, FrameFacts]) -> bool:
    if stored.rows is None or len(stored.rows) < _FEWEST:
        return False
    places = stored.rows[["x", "y"]].to_numpy(dtype=np.float64)
    in_unit = bool(((places >= 0) & (places <= 1)).all()) and bool((places % 1 != 0).any())
    return in_unit and all(max(facts.image.size) > 2 for facts in seen.values() if facts.image)


def _astray(names: Sequence[str], spots: Mapping[str, Spots]) -> list[str]:
    """Return the frames with a target of low rank if these are too many for sound labels."""
    names = [name for name in names if name in spots]
    ranks = _joined([spots[name].ranks for name in names])
    if (ranks < _LOW_RANK).sum() <= _MOST_LOW * len(ranks) + _LEEWAY:
        return []
    return [name for name in names if (spots[name].ranks < _LOW_RANK).any()]


def _diagnosis(where: str, names: Sequence[str], spots: Mapping[str, Spots]) -> Finding:
    own = [spots[name] for name in names]
    ranks, swapped = (_joined([getattr(each, kind) for each in own]) for kind in ("ranks", "swapped"))
    all_targets = sum(len(each.ranks) for each in spots.values())
    low = int((ranks < _LOW_RANK).sum())
    what = f"{where}: {low} of {counted(all_targets, 'target')}, in {counted(len(names), 'frame')} do not stand out"
    if 2 * len(swapped) >= len(ranks) and (swapped < _LOW_RANK).sum() <= _MOST_LOW * len(swapped):
        return error("swapped-points", f"{what}, but do with x and y swapped; swap them", names)
    offsets = np.concatenate([each.offsets for each in own])
    aside = offsets[(np.abs(offsets) >= _ASIDE_PX).all(axis=1)]
    sides, counts = np.unique(np.sign(aside), axis=0, return_counts=True)
    if len(counts) and counts.max() > _ONE_SIDE * len(offsets):
        x, y = np.median(aside[(np.sign(aside) == sides[counts.argmax()]).all(axis=1)], axis=0)
        return warning(
            "points-beside-targets",
            f"{what}; most have their target at about ({x:+g}, {y:+g}) px: if these are corners of boxes, write the "
            "centres",
            names,
        )
    contrast = float(np.median(_joined([each.contrasts for each in own])))
    return warning(
        "labels-off-targets",
        f"{what} (median contrast {contrast:.2g} σ; sound sets have 4 to 13): see in the contact sheet whether they "
        "are the labels of other frames",
        names,
    )


def _joined(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Join figures of targets, without those outside their frames."""
    values: NDArray[np.float64] = np.concatenate([np.zeros(0), *parts])
    return np.asarray(values[~np.isnan(values)])
