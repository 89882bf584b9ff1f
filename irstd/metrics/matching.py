"""One-to-one matching of found targets with true ones."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

_STEPS_A_PX = 1_000_000


def distances(truth: NDArray[np.float64], found: NDArray[np.float64]) -> NDArray[np.int64]:
    """int64 (n, m): the Euclidean distances of points (n, 2) and (m, 2) in millionths of a px, rounded.

    Rounded, because the centroid of 3 px is seldom a float: what is exactly 3 px apart must count so, and equal
    distances must be equal.
    """
    offsets = truth[:, None, :] - found[None, :, :]
    return np.asarray(np.rint(np.hypot(offsets[..., 0], offsets[..., 1]) * _STEPS_A_PX), dtype=np.int64)


def match(
    apart: NDArray[np.int64], distance_px: float, areas: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The pairs (rows, columns) of the best one-to-one matching: the most pairs, then the least total distance.

    Pairs of equal total distance are decided by the larger found area, so that Fa is defined [ours]. No pair gives two
    arrays of length 0.

    Args:
        apart: int64 (n, m) from `distances`.
        distance_px: a pair is at most so far apart.
        areas: int64 (m,) of px, of the found targets.
    """
    limit = round(distance_px * _STEPS_A_PX)
    allowed = apart <= limit
    rows, columns = np.flatnonzero(allowed.any(axis=1)), np.flatnonzero(allowed.any(axis=0))
    near = allowed[np.ix_(rows, columns)]
    shares = areas[columns] / (areas[columns].sum() + 1)
    cost = apart[np.ix_(rows, columns)] - shares
    # One forbidden pair costs more than all allowed ones together, so the most pairs come first.
    forbidden = (min(near.shape) + 1) * (limit + 1)
    row, column = linear_sum_assignment(np.where(near, cost, forbidden))
    kept = near[row, column]
    return rows[row[kept]], columns[column[kept]]
