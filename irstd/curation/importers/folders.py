"""Frames and masks that lie in folders, matched by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.importers.layout import Published
from irstd.curation.importers.origins import Origin
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.frames import IMAGE_SUFFIXES, Frame, read_image, read_soft_mask
from irstd.labels.points import points_from_mask

MASK_MARK = "_pixels0"
"""What a mask's name has beyond its frame's in SIRST."""


def image_files(folder: Path) -> Mapping[str, Path]:
    """The images in `folder` by their names without suffix, sorted.

    Raises:
        DataError: no such folder, no image in it, or two of one name.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; the download is incomplete, fetch it again")
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("[!.]*")):
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        if path.stem in files:
            raise DataError(f"{path}: {files[path.stem].name} has the same name; a name stands for one image")
        files[path.stem] = path
    if not files:
        raise DataError(f"{folder}: no images; looked for {', '.join(IMAGE_SUFFIXES)}")
    return files


def line_names(files: Mapping[str, Path]) -> Mapping[str, str]:
    """The frame that a line of a list stands for: the frame's name, with or without its file's suffix."""
    return {path.name: name for name, path in files.items()} | {name: name for name in files}


@dataclass(frozen=True)
class MaskedFrames:
    """Frames and their masks in two folders.

    Attributes:
        frames: by name.
        masks: by the frame's name.
        folder: of the masks.
    """

    frames: Mapping[str, Path]
    masks: Mapping[str, Path]
    folder: Path

    @classmethod
    def open(cls, images: Path, masks: Path) -> "MaskedFrames":
        """The images in two folders; a mask may be called NAME_pixels0, as those of SIRST are.

        Raises:
            DataError: a folder is missing or empty, or two files have one name.
        """
        frames, of_frame = image_files(images), dict[str, Path]()
        for stem, path in image_files(masks).items():
            of_frame.setdefault(stem if stem in frames else stem.removesuffix(MASK_MARK), path)
        return cls(frames=frames, masks=of_frame, folder=masks)

    def check_masks(self, names: Iterable[str]) -> None:
        """Nothing, if each of the frames `names` has a mask.

        Raises:
            DataError: one has none; the message names it.
        """
        missing = [name for name in names if name not in self.masks]
        if missing:
            raise DataError(
                f"{self.folder}: no mask for frame '{missing[0]}' ({len(missing)} missing); "
                "a frame without target has an all-black mask"
            )

    def frame(self, name: str) -> Frame:
        """The frame `name`.

        Raises:
            DataError: it cannot be read.
        """
        return read_image(self.frames[name])

    def sample(self, name: str) -> Sample:
        """The frame `name`, its mask and the centroids of the mask's components.

        Raises:
            DataError: a file cannot be read, or the mask has another size than its frame.
        """
        frame, path = self.frame(name), self.masks[name]
        mask, soft = read_soft_mask(path)
        check_size(f"{path}", mask.shape, frame)
        return Sample(name=name, frame=frame, points=points_from_mask(mask), mask=mask, soft=soft)

    def published(self, origin: Origin, splits: Mapping[str, tuple[str, ...]]) -> Published:
        """The dataset of these frames with the official `splits`.

        Raises:
            DataError: a frame that is needed has no mask.
        """
        needed = self.frames if "train" not in splits else [name for names in splits.values() for name in names]
        self.check_masks(needed)
        return Published(origin, tuple(self.frames), splits, self.frame, self.sample)


def check_size(where: str, size: tuple[int, ...], frame: Frame) -> None:
    """Nothing, if `size` (H, W) is the frame's.

    Raises:
        DataError: it is not; the message begins with `where`.
    """
    height, width = frame.shape[:2]
    if size != (height, width):
        raise DataError(
            f"{where}: is {size[1]}×{size[0]} px, its frame {width}×{height} px; replace the one that is wrong"
        )


def check_points(where: str, points: NDArray[np.float64], frame: Frame) -> None:
    """Nothing, if all `points` (n, 2) of (x, y) px lie in the frame.

    Raises:
        DataError: one does not; the message begins with `where`.
    """
    height, width = frame.shape[:2]
    outside = ((points < -0.5) | (points > (width - 0.5, height - 0.5))).any(axis=1)
    if outside.any():
        x, y = points[np.argmax(outside)]
        raise DataError(
            f"{where}: ({x:g}, {y:g}) lies outside its {width}×{height} px; points are (x, y) px from the top left"
        )
