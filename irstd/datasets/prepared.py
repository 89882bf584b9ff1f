"""A prepared dataset: the output of the stage `prepare`, which fits and scores read.

NAME/images/FRAME.png      8-bit, or 16-bit where 8 bit would lose faint targets; channels kept
NAME/masks/FRAME.png       0 and 255, if the dataset has masks
NAME/points.csv            frame, x, y, area_px: one row a target
NAME/responses/FRAME.npy   float32 (size / 4, size / 4), drawn on the grey frame placed on the square input
NAME/splits/SPLIT.txt      as in the raw dataset
NAME/dataset.json          name and parts, if it was joined of several
"""

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.sample import Sample, StoredResponse
from irstd.errors import DataError
from irstd.files.reading import read_array, read_text

STRIDE = 4
"""Input px a cell of a prepared response."""
DEFAULT_LABEL = "prps"
"""The label function of prepared responses if the settings name none."""
NEAR_DUPLICATES = "near_duplicates.csv"
NEAR_DUPLICATE_COLUMNS = ("split", "frame", "other_split", "other", "correlation")


@dataclass(frozen=True)
class PreparedDataset:
    """A prepared dataset on disk; frames and responses are read on demand.

    Attributes:
        folder: its folder.
        frames: its frames, masks, points and splits.
    """

    folder: Path
    frames: CanonicalDataset

    @classmethod
    def open(cls, folder: Path) -> "PreparedDataset":
        """Open the prepared dataset in `folder`.

        Raises:
            DataError: a part of it is missing or unreadable.
        """
        frames = CanonicalDataset.open(folder)
        there = {path.stem for path in (folder / "responses").glob("*.npy")}
        missing = [name for name in frames.names if name not in there]
        if missing:
            raise DataError(
                f"{folder / 'responses'}: no response for frame '{missing[0]}' ({len(missing)} missing); "
                "prepare the dataset again"
            )
        return cls(folder=folder, frames=frames)

    def split(self, name: str, label: str | None = None) -> list[Sample]:
        """Read the samples of a split in its order, frames uint8 or uint16, (H, W) or (H, W, 3).

        Args:
            name: train, val or test.
            label: the label function that `prepare` drew the responses with; samples then hold them. None: they do not.

        Raises:
            UnknownNameError: no such split.
            DataError: a file cannot be read.
        """
        samples = self.frames.samples(name)
        if label is None:
            return list(samples)
        return [replace(sample, response=self._stored(sample.name, label)) for sample in samples]

    def response(self, name: str) -> NDArray[np.float32]:
        """Read the response of the frame `name`, float32 (size / 4, size / 4).

        Raises:
            DataError: it cannot be read.
        """
        return np.asarray(read_array(self.folder / "responses" / f"{name}.npy"), dtype=np.float32)

    def _stored(self, name: str, label: str) -> StoredResponse:
        values = self.response(name)
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
