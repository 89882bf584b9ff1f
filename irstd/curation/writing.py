"""The writer of a canonical dataset: the whole folder, or nothing."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.datasets.canonical import PARTS, SOFT_MASKS, SPLITS, DatasetInfo, check_name
from irstd.datasets.frame_tables import BOXES, SEQUENCES, Moment, write_boxes, write_sequences
from irstd.datasets.points_csv import Row, write_points
from irstd.datasets.sample import Sample, check_sample
from irstd.errors import DataError, lookup
from irstd.files import make_folder, new_folder, write_text
from irstd.frames import write_png

# A file's name and a line of a list: no path, not hidden, no blanks at its ends.
_FRAME_NAME = re.compile(r"[^./\\\s]([^/\\\n\r]*[^/\\\s])?")


class DatasetWriter:
    """Writes samples one by one; made by `new_dataset`.

    Args:
        folder: an empty folder.
        info: content of dataset.json beside the counts.
        with_points: write points.csv, for points that do not follow from the masks.

    Attributes:
        parts: what dataset.json says of the datasets that this one is joined of.
    """

    def __init__(self, folder: Path, info: DatasetInfo, *, with_points: bool) -> None:
        self._folder = folder
        self._info = info
        self._with_points = with_points
        self._splits: dict[str, list[str]] = {split: [] for split in SPLITS}
        self._names: set[str] = set()
        self._masks = 0
        self._soft: list[str] = []
        self._rows: list[Row] = []
        self._boxes: dict[str, NDArray[np.float64]] = {}
        self._moments: dict[str, Moment] = {}
        self.parts: Sequence[Mapping[str, Any]] = ()
        for part in ("images", "masks", "splits"):
            make_folder(folder / part)

    def add(self, sample: Sample, split: str) -> None:
        """Write one sample as a frame of `split`: its pixels as they are, its mask as 0 and 255.

        Raises:
            DataError: the name is taken or no file name, mask or points do not fit, or a file cannot be written.
            UnknownNameError: no such split.
        """
        listed = lookup(self._splits, split, "split")
        if sample.name in self._names:
            raise DataError(f"{self._info.name}: frame '{sample.name}' was added before; names are unique")
        if not _FRAME_NAME.fullmatch(sample.name):
            raise DataError(f"{self._info.name}: '{sample.name}' cannot name a frame's file; give it another name")
        check_sample(sample, self._info.name)
        if sample.mask is not None:
            write_png(self._folder / "masks" / f"{sample.name}.png", np.where(sample.mask, np.uint8(255), np.uint8(0)))
            self._masks += 1
            self._soft += [sample.name] if sample.soft else []
        write_png(self._folder / "images" / f"{sample.name}.png", sample.frame)
        self._names.add(sample.name)
        listed.append(sample.name)
        self._rows += [Row(sample.name, float(x), float(y)) for x, y in sample.points]
        self._boxes |= {} if sample.boxes is None else {sample.name: sample.boxes}
        self._moments |= {} if sample.moment is None else {sample.name: sample.moment}

    def add_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table beside the frames.

        Raises:
            DataError: it cannot be written.
        """
        write_text(self._folder / name, table.to_csv(index=False, lineterminator="\n"))

    def finish(self, *, all_splits: bool = True) -> None:
        """Write the lists, points.csv and dataset.json. With `all_splits` each split needs a frame.

        Raises:
            DataError: a split has no frame, labels are missing, or a file cannot be written.
        """
        self._check_labels()
        for split, names in self._splits.items():
            if all_splits and not names:
                raise DataError(f"{self._info.name}: split '{split}' has no frame; each split needs at least one")
        write_lists(self._folder, self._splits)
        if self._with_points:
            write_points(self._folder / "points.csv", self._rows)
        if self._boxes:
            write_boxes(self._folder / BOXES, self._boxes)
        if self._moments:
            write_sequences(self._folder / SEQUENCES, self._moments)
        if self._masks == 0:
            (self._folder / "masks").rmdir()
        counts = {split: len(names) for split, names in self._splits.items()}
        counts |= {"frames": len(self._names), "targets": len(self._rows)}
        known = {key: text for key, text in asdict(self._info).items() if text or key != "splits"}
        soft = {SOFT_MASKS: sorted(self._soft)} if self._soft else {}
        parts = {PARTS: self.parts} if self.parts else {}
        write_description(self._folder, {**parts, **known, **soft, "counts": counts})

    def _check_labels(self) -> None:
        if 0 < self._masks < len(self._names):
            raise DataError(
                f"{self._info.name}: {self._masks} of {len(self._names)} frames have a mask; all or none must, "
                "an all-black one where there is no target"
            )
        if self._masks == 0 and not self._with_points:
            raise DataError(f"{self._info.name}: no masks and no points.csv; a dataset needs one of them as its labels")


def write_lists(folder: Path, splits: Mapping[str, Sequence[str]]) -> None:
    """Write the list of each split of the dataset in `folder`.

    Raises:
        DataError: the folder cannot be written to.
    """
    for split, names in splits.items():
        write_text(folder / "splits" / f"{split}.txt", "".join(f"{name}\n" for name in names))


def write_description(folder: Path, content: Mapping[str, Any]) -> None:
    """Write dataset.json of the dataset in `folder`; the same content gives the same bytes.

    Raises:
        DataError: the folder cannot be written to.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True)
    write_text(folder / "dataset.json", text + "\n")


@contextmanager
def new_dataset(
    folder: Path, info: DatasetInfo, *, with_points: bool = False, replace: bool = False
) -> Iterator[DatasetWriter]:
    """Yield a writer for the dataset `folder`, which appears complete when the block ends, or not at all.

    With `replace` an older dataset stays until the new one is complete.

    Raises:
        DataError: no dataset name, the folder exists and may not be replaced, or it cannot be written.
    """
    check_name(info.name)
    check_target(folder, replace=replace)
    with new_folder(folder) as unfinished:
        writer = DatasetWriter(unfinished, info, with_points=with_points)
        yield writer
        writer.finish()


def check_target(folder: Path, *, replace: bool) -> None:
    """Check that a dataset may be written to `folder`.

    Raises:
        DataError: something is there that may not be replaced or is no dataset.
    """
    if not (folder.exists() or folder.is_symlink()):
        return
    if not replace:
        raise DataError(f"{folder}: exists already; choose another name, or replace it (--replace)")
    if not (folder / "dataset.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"{folder}: is no dataset (no dataset.json) and is not replaced; remove it yourself")
