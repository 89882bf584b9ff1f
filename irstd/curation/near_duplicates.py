"""Near-duplicates: frames with nearly the same picture, such as frames of one sequence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from irstd.frames import Frame, to_8bit, to_grey

SIMILAR = 0.99
"""Frames whose thumbnails correlate more than this are near-duplicates; without their targets half as far from 1."""

Thumbnail = NDArray[np.float32]
"""(2, 1024), the frame as it is and without its targets: mean 0, norm 1; all zeros for a flat frame."""

_SIDE_PX = 32  # of a thumbnail
_MASK_REACH_PX, _POINT_REACH_PX, _AROUND_PX = 3, 7, 31  # what is taken for a target, and filled from around it
_FLAT = 1e-3  # standard deviation in grey levels below which there is only rounding
_DIGITS = 6  # of a correlation: far fewer than float64 has, so that all machines agree
_ROWS, _COLUMNS = 512, 2048  # thumbnails compared at once, in float64; limits the memory


@dataclass(frozen=True)
class Pair:
    """Two near-duplicates.

    Attributes:
        first: name of the frame of the first set; of the one that sorts first within one set.
        second: name of the other frame.
        correlation: correlation of their thumbnails, without their targets if only that is high, rounded to 6 digits.
    """

    first: str
    second: str
    correlation: float


def thumbnail(
    frame: Frame, points: NDArray[np.float64] | None = None, mask: NDArray[np.bool_] | None = None
) -> Thumbnail:
    """Return float32 (2, 1024): the 32×32 area means of `frame` in 8-bit grey levels, without their mean, of norm 1.

    In the second row targets are filled with their surroundings, since before a calm sky they decide the correlation,
    and a target that moves would make two scenes of one. A flat row is all zeros and resembles no other. 8-bit levels
    keep dead pixels of a 16-bit sensor from making all its frames alike. With 32 px a side 37 of NUDT-SIRST's 664 test
    frames have a near-duplicate in train, and 1 of SIRST-V1's 86 (16 px: 44 and 1, 64 px: 32 and 0). Ours.

    Args:
        frame: (H, W) or (H, W, 3).
        points: (n, 2) of (x, y) px, its targets; None: none.
        mask: bool (H, W) of its targets, which goes before the points.
    """
    grey = to_grey(to_8bit(frame)).astype(np.float32)
    near = _near_targets(grey.shape, points, mask)
    plain = _unit(grey)
    return np.stack([plain, _unit(_filled(grey, near)) if near.any() else plain])


def without_targets(
    frame: Frame, points: NDArray[np.float64] | None = None, mask: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Return the 8-bit grey levels of `frame`, float32 (H, W), its targets filled with their surroundings."""
    grey = to_grey(to_8bit(frame)).astype(np.float32)
    near = _near_targets(grey.shape, points, mask)
    return _filled(grey, near) if near.any() else grey


def _near_targets(
    size: tuple[int, ...], points: NDArray[np.float64] | None, mask: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return bool (H, W): a mask grown by 3 px, else squares of 15 px around the points."""
    if mask is not None:
        centres, reach = np.asarray(mask, dtype=np.uint8), _MASK_REACH_PX
    else:
        centres, reach = np.zeros(size, dtype=np.uint8), _POINT_REACH_PX
        for x, y in np.rint(np.zeros((0, 2)) if points is None else points):
            if 0 <= x < size[1] and 0 <= y < size[0]:
                centres[int(y), int(x)] = 1
    return np.asarray(cv2.dilate(centres, np.ones((2 * reach + 1,) * 2, np.uint8)) > 0)


def _filled(grey: NDArray[np.float32], near: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return `grey` with the mean of the other pixels of 31×31 px at the pixels `near` a target."""
    kept = (~near).astype(np.float32)
    count, total = (
        cv2.boxFilter(part, -1, (_AROUND_PX, _AROUND_PX), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for part in (kept, grey * kept)
    )
    return np.asarray(np.where(near & (count > 0), total / np.maximum(count, 1), grey), dtype=np.float32)


def _unit(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    small = cv2.resize(grey, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).ravel().astype(np.float64)
    small -= small.mean()
    if small.std() < _FLAT:
        return np.zeros(small.size, dtype=np.float32)
    return np.asarray(small / np.linalg.norm(small), dtype=np.float32)


def similar_pairs(
    thumbnails: Mapping[str, Thumbnail], others: Mapping[str, Thumbnail] | None = None, least: float = SIMILAR
) -> list[Pair]:
    """Return the pairs that correlate more than `least`, sorted by name: within one set, or between it and `others`.

    Equal names in both sets are compared too. An empty set has no pairs.
    """
    firsts = sorted(thumbnails)
    seconds = firsts if others is None else sorted(others)
    left = [thumbnails[name] for name in firsts]
    right = left if others is None else [others[name] for name in seconds]
    return [
        Pair(firsts[row], seconds[column], float(value))
        for rows, columns, values in _above(left, right, least, within=others is None)
        for row, column, value in zip(rows, columns, values, strict=True)
    ]


def similar_groups(thumbnails: Mapping[str, Thumbnail], least: float = SIMILAR) -> list[tuple[str, ...]]:
    """Return all names in groups: the connected components of the pairs that correlate more than `least`.

    Names are sorted in a group, groups by their first name. A frame without near-duplicates is a group of one.
    """
    names = sorted(thumbnails)
    listed, count = [thumbnails[name] for name in names], len(names)
    labels = np.arange(count)
    for rows, columns, _ in _above(listed, listed, least, within=True):
        # Edges to each frame's group so far and the new edges, so that memory stays that of one block.
        ties = np.concatenate([np.arange(count), rows]), np.concatenate([labels, columns])
        graph = coo_array((np.ones(len(ties[0]), dtype=np.bool_), ties), shape=(count, count))
        found = connected_components(graph, directed=False)[1]
        _, first = np.unique(found, return_index=True)
        labels = first[found]
    groups: dict[int, list[str]] = {}
    for name, label in zip(names, labels, strict=True):
        groups.setdefault(int(label), []).append(name)
    return [tuple(group) for group in groups.values()]


def _above(
    left: Sequence[Thumbnail], right: Sequence[Thumbnail], least: float, *, within: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Yield rows of `left`, rows of `right` and correlations above `least`, in order, block by block.

    Args:
        left: some thumbnails.
        right: others.
        least: lower limit, exclusive.
        within: both are one set: each pair counts once, and no row with itself.
    """
    for start in range(0, len(left) if right else 0, _ROWS):
        some = np.stack(left[start : start + _ROWS], axis=1).astype(np.float64)
        first = start if within else 0  # what is left of it are pairs that were met before
        found = [_close(some, right, start, at, least) for at in range(first, len(right), _COLUMNS)]
        rows, columns, values = (np.concatenate(parts) for parts in zip(*found, strict=True))
        kept = columns > rows if within else np.ones(len(rows), dtype=np.bool_)
        order = np.lexsort((columns[kept], rows[kept]))
        yield rows[kept][order], columns[kept][order], values[kept][order]


def _close(
    some: NDArray[np.float64], right: Sequence[Thumbnail], start: int, at: int, least: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Compare `some` (2, n, 1024), from row `start` on, with a block of `right` from `at` on."""
    others = np.stack(right[at : at + _COLUMNS], axis=1).astype(np.float64)
    plain, cut = (np.round(a @ b.T, _DIGITS) for a, b in zip(some, others, strict=True))
    close = (plain > least) | (cut > (1 + least) / 2)
    rows, columns = np.nonzero(close)
    return rows + start, columns + at, np.where(plain > least, plain, cut)[close]
