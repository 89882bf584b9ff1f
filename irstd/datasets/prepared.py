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
from irstd.datasets.sample import Sample
from irstd.datasets.shards import ShardReader, find_shards
from irstd.datasets.stored_samples import Known, StoredSamples, square
from irstd.errors import DataError, lookup
from irstd.files.reading import read_text

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
    """

    folder: Path
    info: DatasetInfo
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    _known: Mapping[str, Known]
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
        known = dict[str, Known]()
        for place, row in shards.rows(("name", "split", "points")):
            name, split = row["name"], row["split"]
            points = np.array([(point["x"], point["y"]) for point in row["points"]]).reshape(-1, 2)
            known[name] = Known(name, points, place)
            if split is not None:
                lookup(splits, split, "split").append(name)
        return cls(
            folder=folder,
            info=read_info(folder),
            names=tuple(sorted(known)),
            splits={split: tuple(names) for split, names in splits.items()},
            _known=known,
            _shards=shards,
        )

    def sample(self, name: str) -> Sample:
        """Read the frame `name` with its labels.

        Raises:
            DataError: it is not in the dataset, or its shard is damaged.
        """
        if name not in self._known:
            raise DataError(f"{self.folder}: has no frame '{name}' among its {len(self.names)}")
        return StoredSamples(self.folder, self._shards, [self._known[name]])[0]

    def split(self, name: str, label: str | None = None) -> StoredSamples:
        """Return the samples of a split in its order; each is read when it is asked for.

        Args:
            name: train, val or test.
            label: the label function that `prepare` drew the responses with; samples then hold them. None: they do not.

        Raises:
            UnknownNameError: no such split.
        """
        known = [self._known[each] for each in lookup(self.splits, name, "split")]
        return StoredSamples(self.folder, self._shards, known, label)

    def samples(self, split: str) -> Iterator[Sample]:
        """Read the samples of a split in its order, one in memory at a time, as `CanonicalDataset.samples` does.

        Raises:
            UnknownNameError: no such split.
            DataError: a shard is damaged.
        """
        yield from self.split(split)

    def response(self, name: str) -> NDArray[np.float32]:
        """Read the response of the frame `name`, float32 (size / 4, size / 4).

        Raises:
            UnknownNameError: no such frame.
            DataError: its shard is damaged.
        """
        row = self._shards.row(lookup(self._known, name, "frame").place, ("response",))
        return square(row["response"], f"{self.folder}: frame '{name}'")


Dataset = CanonicalDataset | PreparedDataset


def open_dataset(folder: Path) -> Dataset:
    """Open a dataset in the canonical or in the prepared form.

    Raises:
        DataError: the folder is missing or neither.
    """
    return PreparedDataset.open(folder) if find_shards(folder) else CanonicalDataset.open(folder)


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
