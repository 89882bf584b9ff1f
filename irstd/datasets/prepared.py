"""A prepared dataset: the output of the stage `prepare`, which fits and scores read.

NAME/shard-00000.parquet, …   frames, 8-bit, or 16-bit where 8 bit would lose faint targets, channels kept; their masks
                              and points; float32 (size / 4, size / 4) responses, drawn on the grey frame placed on
                              the square input
NAME/dataset.json             name and parts, if it was joined of several

Frames are in the order of val, test and train, then those that no list names: frames that a retraining appends to train
leave the shards before them as they are, and DVC stores and sends the last ones alone.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.datasets.canonical import SPLITS, CanonicalDataset, DatasetInfo, no_dataset, read_info
from irstd.datasets.sample import Sample, StoredResponse
from irstd.datasets.shards import Place, ShardReader, find_shards
from irstd.errors import DataError, lookup
from irstd.files.reading import read_text
from irstd.frames import decode_frame
from irstd.frames.read import decode_mask_levels, targets_in

STRIDE = 4
"""Input px a cell of a prepared response."""
DEFAULT_LABEL = "prps"
"""The label function of prepared responses if the settings name none."""
ORDER = ("val", "test", "train")
"""The splits in the order of their frames in the shards."""
NEAR_DUPLICATES = "near_duplicates.csv"
NEAR_DUPLICATE_COLUMNS = ("split", "frame", "other_split", "other", "correlation")


@dataclass(frozen=True)
class PreparedDataset:
    """A prepared dataset on disk; frames and responses are read on demand.

    Attributes:
        folder: its folder.
        info: content of dataset.json; only the folder's name without that file.
        names: names of all frames, sorted.
        splits: train, val and test, each with the names of its frames in the raw dataset's order.
        points: points (n, 2) of every frame by name.
    """

    folder: Path
    info: DatasetInfo
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    points: Mapping[str, NDArray[np.float64]]
    _places: Mapping[str, Place]
    _shards: ShardReader

    @classmethod
    def open(cls, folder: Path) -> "PreparedDataset":
        """Open the prepared dataset in `folder`; of its frames only names, splits and points are read.

        Raises:
            DataError: a part of it is missing or unreadable, or code before the shards has prepared it.
        """
        if not find_shards(folder):
            if (folder / "images").is_dir():
                raise DataError(f"{folder}: was prepared a file a frame by an older version; run `dvc repro prepare`")
            raise no_dataset(folder) if not folder.is_dir() else DataError(f"{folder}: no shards; prepare it again")
        shards, splits = ShardReader(folder), {split: list[str]() for split in SPLITS}
        places, points = dict[str, Place](), dict[str, NDArray[np.float64]]()
        for place, row in shards.rows(("name", "split", "points")):
            name, split = row["name"], row["split"]
            places[name] = place
            points[name] = np.array([(point["x"], point["y"]) for point in row["points"]]).reshape(-1, 2)
            if split is not None:
                lookup(splits, split, "split").append(name)
        return cls(
            folder=folder,
            info=read_info(folder),
            names=tuple(sorted(places)),
            splits={split: tuple(names) for split, names in splits.items()},
            points=points,
            _places=places,
            _shards=shards,
        )

    def sample(self, name: str, label: str | None = None) -> Sample:
        """Read the frame `name`, uint8 or uint16, (H, W) or (H, W, 3), with its labels.

        Args:
            name: its name.
            label: the label function that `prepare` drew the responses with; the sample then holds its response.
                None: it does not.

        Raises:
            DataError: it is not in the dataset, or its shard is damaged.
        """
        if name not in self._places:
            raise DataError(f"{self.folder}: has no frame '{name}' among its {len(self.names)}")
        columns = ("frame", "mask") if label is None else ("frame", "mask", "response")
        row, where = self._shards.row(self._places[name], columns), f"{self.folder}: frame '{name}'"
        return Sample(
            name=name,
            frame=decode_frame(row["frame"], where),
            points=self.points[name],
            mask=None if row["mask"] is None else targets_in(decode_mask_levels(row["mask"], f"{where}: its mask")),
            response=None if label is None else _stored(_square(row["response"], where), label),
        )

    def samples(self, split: str, label: str | None = None) -> Iterator[Sample]:
        """Read the samples of a split in its order, one in memory at a time; `label` as for `sample`.

        Raises:
            UnknownNameError: no such split.
            DataError: as `sample`.
        """
        yield from (self.sample(name, label) for name in lookup(self.splits, split, "split"))

    def split(self, name: str, label: str | None = None) -> list[Sample]:
        """Read all samples of a split into memory, as `samples` does.

        Raises:
            UnknownNameError: no such split.
            DataError: as `sample`.
        """
        return list(self.samples(name, label))

    def response(self, name: str) -> NDArray[np.float32]:
        """Read the response of the frame `name`, float32 (size / 4, size / 4).

        Raises:
            DataError: as `sample`.
        """
        row = self._shards.row(lookup(self._places, name, "frame"), ("response",))
        return _square(row["response"], f"{self.folder}: frame '{name}'")


Dataset = CanonicalDataset | PreparedDataset


def open_dataset(folder: Path) -> Dataset:
    """Open a dataset in the canonical or in the prepared form.

    Raises:
        DataError: the folder is missing or neither.
    """
    return PreparedDataset.open(folder) if find_shards(folder) else CanonicalDataset.open(folder)


def _square(data: bytes, where: str) -> NDArray[np.float32]:
    values = np.frombuffer(data, dtype="<f4") if len(data) % 4 == 0 else np.zeros(0, np.float32)
    side = round(len(values) ** 0.5)
    if not side or side * side != len(values):
        raise DataError(f"{where}: its response is no square of float32 ({len(data)} bytes); prepare the dataset again")
    return values.reshape(side, side).astype(np.float32)  # a copy, which may be written to


def _stored(values: NDArray[np.float32], label: str) -> StoredResponse:
    return StoredResponse(label, size=values.shape[0] * STRIDE, stride=STRIDE, values=values)


def read_near_duplicates(folder: Path) -> frozenset[str]:
    """Read the names of test frames with a near-duplicate in train or val from near_duplicates.csv in `folder`.

    Raises:
        DataError: the file is missing or no such table.
    """
    path = folder / NEAR_DUPLICATES
    try:
        table = pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as fault:
        raise DataError(f"{path}: is no table; prepare the dataset again") from fault
    if tuple(table.columns) != NEAR_DUPLICATE_COLUMNS:
        raise DataError(f"{path}: needs the columns {', '.join(NEAR_DUPLICATE_COLUMNS)}; prepare the dataset again")
    return frozenset(table["frame"][table["split"] == "test"])
