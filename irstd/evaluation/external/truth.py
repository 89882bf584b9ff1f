"""The truth that predictions are scored against: the masks of a dataset, or of a plain folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from irstd.curation.importers.folders import check_size, image_files
from irstd.curation.importers.frame_names import without_mark
from irstd.datasets.canonical import SPLITS, CanonicalDataset
from irstd.errors import DataError, lookup
from irstd.frames import Frame, read_image, read_soft_mask
from irstd.labels.points import points_from_mask

ALL = "all"
SPLIT_CHOICES = (*SPLITS, ALL)
_DEFAULT_SPLIT = "test"


class Labelled(NamedTuple):
    """The truth of one frame.

    Attributes:
        mask: bool (H, W).
        soft: True if the stored mask had more levels than two; any nonzero one is target.
        frame: its picture, (H, W) or (H, W, 3); None where there is none.
        points: float64 (n, 2) of (x, y) px: of the dataset's points.csv, else the centroids of the mask.
    """

    mask: NDArray[np.bool_]
    soft: bool
    frame: Frame | None
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """The frames to be scored; their files are read when asked for.

    Attributes:
        where: its name in messages.
        masks: by the frame's name, in the order of the split or sorted.
        images: the pictures, by the frame's name; there may be none, or more than masks.
        beyond: names of the dataset's frames outside the split.
        points: of the dataset's points.csv, by the frame's name; empty where there is none.
    """

    where: str
    masks: Mapping[str, Path]
    images: Mapping[str, Path]
    beyond: frozenset[str] = frozenset()
    points: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def read(self, name: str) -> Labelled:
        """Read the mask, the points and, if there is one, the picture of the frame `name`.

        Raises:
            DataError: a file cannot be read, or the two differ in size.
        """
        mask, soft = read_soft_mask(self.masks[name])
        frame = read_image(self.images[name]) if name in self.images else None
        if frame is not None:
            check_size(f"{self.masks[name]}", mask.shape, frame)
        points = self.points[name] if name in self.points else points_from_mask(mask)
        return Labelled(mask, soft, frame, points)

    def check_images(self) -> None:
        """Raise unless every frame has its picture.

        Raises:
            DataError: a frame has none; the message names it.
        """
        missing = [name for name in self.masks if name not in self.images]
        if missing:
            raise DataError(
                f"{self.where}: no picture of frame '{missing[0]}' ({len(missing)} missing); points become a response "
                "by the frames' grey levels: give their folder (--images DIR)"
            )


def open_truth(folder: Path, split: str | None = None, images: Path | None = None) -> Truth:
    """Open the truth in `folder`: a dataset with masks, or mask images called NAME.*, or that with the mark of a mask.

    A dataset has images/, masks/ and splits/. Without splits/, or for a folder of masks, all frames are scored.

    Args:
        folder: where it is.
        split: `train`, `val`, `test` or `all`; None: `test` where there are splits.
        images: a folder of the frames' pictures, for masks that come without.

    Raises:
        DataError: there is no truth, it cannot be read, or it has no splits and one is asked for.
        UnknownNameError: no such split.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give a dataset or a folder of masks")
    pictures = None if images is None else _by_name(images, "images")
    if (folder / "splits").is_dir():
        return _of_dataset(CanonicalDataset.open(folder), split or _DEFAULT_SPLIT, pictures)
    if split not in (None, ALL):
        raise DataError(f"{folder}: has no splits (no folder splits/); leave out the split '{split}'")
    masks = folder / "masks" if (folder / "masks").is_dir() else folder
    if pictures is None and masks != folder and (folder / "images").is_dir():
        pictures = _by_name(folder / "images", "images")
    return Truth(where=f"{folder}", masks=_by_name(masks, "masks"), images=pictures or {})


def _of_dataset(dataset: CanonicalDataset, split: str, pictures: Mapping[str, Path] | None) -> Truth:
    names = lookup({**dataset.splits, ALL: dataset.names}, split, "split")
    if not dataset.has_masks:
        raise DataError(f"{dataset.folder}: has points but no masks; HSE needs masks of the frames it is scored on")
    own = {name: dataset.folder / "images" / f"{name}.png" for name in names}
    return Truth(
        where=f"{dataset.folder}, split {split}" if split != ALL else f"{dataset.folder}",
        masks={name: dataset.folder / "masks" / f"{name}.png" for name in names},
        images=own if pictures is None else pictures,
        beyond=frozenset(dataset.names) - frozenset(names),
        points=dataset.points or {},
    )


def _by_name(folder: Path, kind: str) -> dict[str, Path]:
    """The images in `folder` by their names without suffix and without the mark of masks, sorted."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of the {kind}")
    files: dict[str, Path] = {}
    for stem, path in image_files(folder).items():
        name = without_mark(stem)
        if name in files:
            raise DataError(f"{path}: {files[name].name} stands for the frame '{name}' as well; remove one of them")
        files[name] = path
    return files
