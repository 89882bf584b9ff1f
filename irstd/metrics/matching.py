"""One-to-one matching of found targets with true ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

_STEPS_A_PX = 1_000_000

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Near:
    """Pairs of a true and a found target, by true target, then by found one.

    Attributes:
        true, found: int (p,) which.
        offsets: float64 (p, 2) of (x, y) px, from the found one to the true one.
        layers: int64 (p,) the layer of the found one; targets of different layers have nothing to do with each other.
    """

    true: Places
    found: Places
    offsets: NDArray[np.float64]
    layers: NDArray[np.int64]

    def __getitem__(self, which: NDArray[np.bool_] | Places) -> "Near":
        return Near(self.true[which], self.found[which], self.offsets[which], self.layers[which])


def near(truth: NDArray[np.float64], found: NDArray[np.float64], layers: NDArray[np.int64], reach_px: float) -> Near:
    """The pairs of points (n, 2) and (m, 2) of (x, y) px that are at most `reach_px`, and a hair, apart in x and y."""
    across, down = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    reach = reach_px + 1 / _STEPS_A_PX
    columns = [np.flatnonzero((abs(across - x) <= reach) & (abs(down - y) <= reach)) for x, y in truth.tolist()]
    true = np.repeat(np.arange(len(truth)), [len(each) for each in columns])
    chosen = np.concatenate([np.zeros(0, dtype=np.intp), *columns])
    return Near(true, chosen, truth[true] - found[chosen], layers[chosen])


def matched(pairs: Near, choose: Callable[[Near], Places]) -> Places:
    """int (k,): which of `pairs` a one-to-one matching takes, ascending.

    `choose` is asked for the pairs of one layer at a time, and only where a target has several.
    """
    if not len(pairs.true):
        return np.zeros(0, dtype=np.intp)
    own = pairs.layers * (int(pairs.true.max()) + 1) + pairs.true  # a true target is another one in each layer
    contested = (np.bincount(own)[own] > 1) | (np.bincount(pairs.found)[pairs.found] > 1)
    taken = np.ones(len(own), dtype=np.bool_)
    for layer in np.unique(pairs.layers[contested]):
        inside = pairs.layers == layer
        places = np.flatnonzero(inside)
        taken[places] = False
        taken[places[choose(pairs[inside])]] = True
    return np.flatnonzero(taken)


def distances(offsets: NDArray[np.float64]) -> NDArray[np.int64]:
    """int64 (…): the Euclidean lengths of `offsets` (…, 2) in px, in millionths of a px, rounded.

    Rounded, because the centroid of 3 px is seldom a float: points exactly 3 px apart must count so, and equal
    distances must be equal.
    """
    return np.asarray(np.rint(np.hypot(offsets[..., 0], offsets[..., 1]) * _STEPS_A_PX), dtype=np.int64)


def limit(distance_px: float) -> int:
    """A distance in the unit of `distances`."""
    return round(distance_px * _STEPS_A_PX)


def best(pairs: Near, areas: NDArray[np.int64]) -> Places:
    """Which of the `pairs` of a layer make the best matching: the most of them, then the least total distance.

    Pairs of equal total distance are decided by the larger found area, so that Fa is defined [ours].

    Args:
        pairs: those that are allowed.
        areas: int64 (m,) of px, of the found targets.
    """
    _, row = np.unique(pairs.true, return_inverse=True)
    columns, column = np.unique(pairs.found, return_inverse=True)
    apart = distances(pairs.offsets)
    shares = areas[columns] / (areas[columns].sum() + 1)
    shape = (int(row.max()) + 1, len(columns))
    # One forbidden pair costs more than all allowed ones together, so the most pairs come first.
    cost = np.full(shape, (min(shape) + 1) * (int(apart.max()) + 1.0))
    cost[row, column] = apart - shares[column]
    which = np.full(shape, -1)
    which[row, column] = np.arange(len(row))
    places = which[linear_sum_assignment(cost)]
    return np.sort(places[places >= 0])
