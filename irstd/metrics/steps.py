"""Counts as a function of a falling threshold, kept as the change at each level; functions of frames add up."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Steps:
    """Counts that change only where a falling threshold meets a level.

    Attributes:
        levels: float32 (k,), strictly falling.
        changes: int64 (k, c): the counts at each level minus those at the level above. The last column counts all
            that is found; each other column counts those that are true, by a rule of its own.
    """

    levels: NDArray[np.float32]
    changes: NDArray[np.int64]

    @classmethod
    def none(cls, columns: int) -> "Steps":
        """Return the steps of no frame."""
        return cls(np.zeros(0, dtype=np.float32), np.zeros((0, columns), dtype=np.int64))

    @classmethod
    def of_counts(cls, levels: NDArray[np.float32], counts: NDArray[np.int64]) -> "Steps":
        """Return the steps of `counts` (k, c) at `levels` (k,), strictly falling."""
        return cls(levels, np.diff(counts, axis=0, prepend=0))

    def counts(self) -> NDArray[np.int64]:
        """int64 (k, c): the counts at each level."""
        return self.changes.cumsum(axis=0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Steps):
            return NotImplemented
        return np.array_equal(self.levels, other.levels) and np.array_equal(self.changes, other.changes)

    __hash__ = None  # type: ignore[assignment]


def summed(parts: Iterable[Steps], columns: int) -> Steps:
    """Return the sum of `parts` over the union of their levels; without parts the steps of no frame."""
    each = [Steps.none(columns), *parts]
    rising, places = np.unique(np.concatenate([part.levels for part in each]), return_inverse=True)
    changes = np.zeros((len(rising), columns), dtype=np.int64)
    np.add.at(changes, len(rising) - 1 - places, np.concatenate([part.changes for part in each]))
    return Steps(rising[::-1].copy(), changes)
