"""A prepared dataset: what the stage `prepare` writes and training reads.

NAME/images/FRAME.png      8-bit, channels kept
NAME/masks/FRAME.png       0 and 255, where the dataset has masks
NAME/points.csv            frame, x, y, area_px: one row a target
NAME/responses/FRAME.npy   float32 (size / 4, size / 4) of the frame placed on the square input
NAME/splits/SPLIT.txt      as in the raw dataset
NAME/audit.json            findings on the raw dataset, counts, sizes, contrasts, grey levels
NAME/near_duplicates.csv   pairs of frames in different splits that show nearly the same picture
NAME/preview.png           for the eye
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files.reading import read_array

STRIDE = 4
"""Input pixels a cell of a response."""


@dataclass(frozen=True)
class PreparedDataset:
    """A prepared dataset on disk; frames and responses are read when asked for.

    Attributes:
        folder: where it is.
        frames: its frames, masks, points and splits.
    """

    folder: Path
    frames: CanonicalDataset

    @classmethod
    def open(cls, folder: Path) -> "PreparedDataset":
        """The prepared dataset in `folder`.

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

    def split(self, name: str) -> list[Sample]:
        """The samples of a split in its order, frames uint8 (H, W) or (H, W, 3).

        Raises:
            UnknownNameError: no such split.
            DataError: a file cannot be read.
        """
        return list(self.frames.samples(name))

    def response(self, name: str) -> NDArray[np.float32]:
        """The response of the frame `name`, float32 (size / 4, size / 4).

        Raises:
            DataError: it cannot be read.
        """
        return np.asarray(read_array(self.folder / "responses" / f"{name}.npy"), dtype=np.float32)
