"""hse-1 once more, as plainly as it can be written: loops, flood fill, every matching tried. For tiny arrays."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Point = tuple[Fraction, Fraction]
Pixels = list[tuple[int, int]]


@dataclass
class Twin:
    """Sums over frames, all in plain numbers."""

    frames: list[tuple[NDArray[np.bool_], NDArray[np.float32]]]
    known: dict[tuple[float, int], tuple[int, int, int, int]] = field(default_factory=dict)

    def hse(self) -> float | None:
        if not any(truth.any() for truth, _ in self.frames):
            return None
        iou = [self.iou(k) for k in range(1, 256)]
        niou = [self.niou(k) for k in range(1, 256)]
        f1 = [self.f1(t / 10, d) for t in range(1, 10) for d in range(1, 6)]
        pixel = (sum(iou) / 255 + sum(niou) / 255) / 2
        return 100 * (pixel + sum(f1) / 45) / 2

    def iou(self, level: int) -> float:
        both = [_overlap(truth, response, level / 255) for truth, response in self.frames]
        return sum(i for i, _ in both) / sum(u for _, u in both)

    def niou(self, level: int) -> float:
        own = [_overlap(truth, response, level / 255) for truth, response in self.frames if truth.any()]
        return sum(i / u for i, u in own) / len(own)

    def targets(self, threshold: float, distance: int) -> tuple[int, int, int, int]:
        """TP, FP, FN and unmatched area."""
        if (threshold, distance) not in self.known:
            self.known[threshold, distance] = self._targets(threshold, distance)
        return self.known[threshold, distance]

    def _targets(self, threshold: float, distance: int) -> tuple[int, int, int, int]:
        total = np.zeros(4, dtype=int)
        for truth, response in self.frames:
            true, found = flood(truth), flood(response >= np.float32(threshold))
            hits, area = best_matching([centroid(p) for p in true], [(centroid(p), len(p)) for p in found], distance)
            total += (hits, len(found) - hits, len(true) - hits, sum(len(p) for p in found) - area)
        return tuple(int(v) for v in total)  # type: ignore[return-value]

    def f1(self, threshold: float, distance: int) -> float:
        tp, fp, fn, _ = self.targets(threshold, distance)
        return 2 * tp / (2 * tp + fp + fn)


def _overlap(truth: NDArray[np.bool_], response: NDArray[np.float32], threshold: float) -> tuple[int, int]:
    both = either = 0
    for is_true, value in zip(truth.ravel().tolist(), response.ravel(), strict=True):
        reached = bool(value >= np.float32(threshold))
        both += is_true and reached
        either += is_true or reached
    return both, either


def flood(mask: NDArray[np.bool_]) -> list[Pixels]:
    """The 8-connected components as lists of (row, column)."""
    left = {(int(r), int(c)) for r, c in zip(*np.nonzero(mask), strict=True)}
    components = []
    while left:
        todo, component = [min(left)], []
        left.remove(todo[0])
        while todo:
            r, c = todo.pop()
            component.append((r, c))
            near = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            todo += sorted(near)
        components.append(component)
    return components


def centroid(pixels: Pixels) -> Point:
    """(x, y), exact."""
    return Fraction(sum(c for _, c in pixels), len(pixels)), Fraction(sum(r for r, _ in pixels), len(pixels))


def best_matching(truth: list[Point], found: list[tuple[Point, int]], distance: int) -> tuple[int, int]:
    """Number of pairs and area matched: most pairs, least total distance, largest area; by trying everything."""
    tried = [
        (-len(pairs), round(sum(length for length, _ in pairs), 5), -sum(area for _, area in pairs))
        for pairs in _matchings(truth, found, distance)
    ]
    pairs, _, area = min(tried)
    return -pairs, -area


def _matchings(truth: list[Point], found: list[tuple[Point, int]], distance: int) -> Iterator[list[tuple[float, int]]]:
    if not truth:
        yield []
        return
    yield from _matchings(truth[1:], found, distance)
    for i, (point, area) in enumerate(found):
        square = (truth[0][0] - point[0]) ** 2 + (truth[0][1] - point[1]) ** 2
        if square <= distance**2:
            rest = found[:i] + found[i + 1 :]
            yield from ([(sqrt(square), area), *others] for others in _matchings(truth[1:], rest, distance))
