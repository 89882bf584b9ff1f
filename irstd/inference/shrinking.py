"""How far frames are shrunk before a detector with a square input sees them, and what is lost by it."""

import math
from collections.abc import Iterable

from irstd.frames import place_square


def shrink_factor(size: tuple[int, int], side: int | None) -> float:
    """Return by how much a frame of `size` (height, width) is shrunk on a square input; at most 1 where it is not.

    `side` is the input's, in px; None: the input has the frame's own size.
    """
    return 1.0 if side is None else 1.0 / max(place_square(*size, side).scale)


def shrink_line(sizes: Iterable[tuple[int, int]], side: int | None) -> str | None:
    """Say how far frames of these sizes (height, width) are shrunk; None where none is."""
    factors = [shrink_factor(size, side) for size in sizes]
    shrunk = [factor for factor in factors if factor > 1.001]  # not what rounding makes of 1
    if not shrunk:
        return None
    most = max(shrunk)
    return (
        f"{len(shrunk)} of {len(factors)} frames are shrunk to {side} × {side} px, up to {most:.1f} ×; targets below "
        f"{math.ceil(most)} px across are less than a pixel there and mostly lost"
    )
