"""Sequences that are made item by item and kept up to a number of bytes, so that a fit's memory has a bound."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, overload

from irstd.datasets.sample import Sample
from irstd.datasets.stored_samples import StoredSamples

T = TypeVar("T")

MOST_BYTES = 512 << 20
"""Of the samples of a split, and again of the levels made of them: some 4000 frames of 256²."""


class Cached(Sequence[T]):
    """What `make` returns for the indices 0 to `count` − 1.

    Beyond `most` bytes, by default `MOST_BYTES`, the item used longest ago is dropped; made again, it must be the same.
    For one thread at a time.
    """

    def __init__(self, make: Callable[[int], T], count: int, size: Callable[[T], int], most: int | None = None) -> None:
        self._make, self._count, self._size, self._left = make, count, size, MOST_BYTES if most is None else most
        self._kept = OrderedDict[int, T]()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(index)
        place = index % self._count
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        item = self._make(place)
        self._kept[place] = item
        self._left -= self._size(item)
        while self._left < 0 and len(self._kept) > 1:
            self._left += self._size(self._kept.popitem(last=False)[1])
        return item


def sample_bytes(sample: Sample) -> int:
    """Return the bytes of a sample's arrays."""
    mask = 0 if sample.mask is None else sample.mask.nbytes
    return sample.frame.nbytes + mask + (0 if sample.response is None else sample.response.values.nbytes)


def with_cache(frames: Mapping[str, Sequence[Sample]]) -> dict[str, Sequence[Sample]]:
    """Return splits whose samples are read from disk once, as far as they fit; those in memory stay as they are."""
    found = dict(frames)
    for split, samples in frames.items():
        if isinstance(samples, StoredSamples):
            found[split] = Cached(samples.__getitem__, len(samples), sample_bytes)
    return found
