"""Samples of a prepared dataset, each read when it is asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample, StoredResponse
from irstd.datasets.shards import Place, ShardReader
from irstd.errors import DataError
from irstd.frames import decode_frame
from irstd.frames.read import decode_mask_levels, targets_in

STRIDE = 4
"""Input px a cell of a prepared response."""


class Known(NamedTuple):
    """What is known of a frame without reading it: its name, its points (n, 2) of (x, y) px, and where it lies."""

    name: str
    points: NDArray[np.float64]
    place: Place


class StoredSamples(Sequence[Sample]):
    """A sequence of samples that are on disk: frames uint8 or uint16, (H, W) or (H, W, 3), with their labels.

    It can be sent to another process, and used there if that `is_here`.

    Attributes:
        folder: the dataset, for messages.
        shards: its reader.
        known: a row a sample.
        label: the label function that `prepare` drew the responses with; samples then hold them. None: they do not.
    """

    def __init__(self, folder: Path, shards: ShardReader, known: Sequence[Known], label: str | None = None) -> None:
        self.folder, self.shards, self.known, self.label = folder, shards, known, label

    @property
    def is_here(self) -> bool:
        """Whether this process has the same files under the same names."""
        return self.shards.is_here

    def __len__(self) -> int:
        return len(self.known)

    def __iter__(self) -> Iterator[Sample]:
        return map(self._read, self.known)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> "StoredSamples": ...
    def __getitem__(self, index: int | slice) -> "Sample | StoredSamples":
        """Read a sample, or return a part of them, unread.

        Raises:
            DataError: its shard is damaged or has been removed.
        """
        if isinstance(index, slice):
            return StoredSamples(self.folder, self.shards, self.known[index], self.label)
        return self._read(self.known[index])

    def _read(self, known: Known) -> Sample:
        columns = ("frame", "mask") if self.label is None else ("frame", "mask", "response")
        row, where = self.shards.row(known.place, columns), f"{self.folder}: frame '{known.name}'"
        return Sample(
            name=known.name,
            frame=decode_frame(row["frame"], where),
            points=known.points,
            mask=None if row["mask"] is None else targets_in(decode_mask_levels(row["mask"], f"{where}: its mask")),
            response=None if self.label is None else _stored(square(row["response"], where), self.label),
        )


def square(data: bytes, where: str) -> NDArray[np.float32]:
    """Return the response in the bytes of a shard, float32 (n, n); `where` begins the message of the error.

    Raises:
        DataError: they are none.
    """
    values = np.frombuffer(data, dtype="<f4") if len(data) % 4 == 0 else np.zeros(0, np.float32)
    side = round(len(values) ** 0.5)
    if not side or side * side != len(values):
        raise DataError(f"{where}: its response is no square of float32 ({len(data)} bytes); prepare the dataset again")
    return values.reshape(side, side).astype(np.float32)  # a copy, which may be written to


def _stored(values: NDArray[np.float32], label: str) -> StoredResponse:
    return StoredResponse(label, size=values.shape[0] * STRIDE, stride=STRIDE, values=values)
