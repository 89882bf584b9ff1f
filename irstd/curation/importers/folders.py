"""Frames and masks in two folders, matched by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.importers.layout import Published
from irstd.curation.importers.origins import Origin
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.frames import IMAGE_SUFFIXES, Frame, read_image, read_soft_mask
from irstd.labels.points import points_from_mask

MASK_MARK = "_pixels0"
"""Ending of a mask's name after its frame's name in SIRST."""


def image_files(folder: Path) -> Mapping[str, Path]:
    """List the images in `folder` by their names without suffix, sorted.

    Raises:
        DataError: no such folder, no image in it, or two images of one name.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; the download is incomplete, fetch it again")
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("[!.]*")):
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        if path.stem in files:
            raise DataError(f"{path}: {files[path.stem].name} has the same name; names without suffix must be unique")
        files[path.stem] = path
    if not files:
        raise DataError(f"{folder}: no images; looked for {', '.join(IMAGE_SUFFIXES)}")
    return files


def line_names(files: Mapping[str, Path]) -> Mapping[str, str]:
    """Map lines of lists to frames: a line is the frame's name, with or without its file's suffix."""
    return {path.name: name for name, path in files.items()} | {name: name for name in files}


@dataclass(frozen=True)
class MaskedFrames:
    """Frames and their masks in two folders.

    Attributes:
        frames: files of the frames by name.
        masks: files of the masks by the frame's name.
        folder: folder of the masks.
    """

    frames: Mapping[str, Path]
    masks: Mapping[str, Path]
    folder: Path

    @classmethod
    def open(cls, images: Path, masks: Path) -> "MaskedFrames":
        """Find the images in two folders; a mask may be called NAME_pixels0, as in SIRST.

        Raises:
            DataError: a folder is missing or empty, or two files have one name.
        """
        frames, of_frame = image_files(images), dict[str, Path]()
        for stem, path in image_files(masks).items():
            of_frame.setdefault(stem if stem in frames else stem.removesuffix(MASK_MARK), path)
        return cls(frames=frames, masks=of_frame, folder=masks)

    def check_masks(self, names: Iterable[str]) -> None:
        """Check that each of the frames `names` has a mask.

        Raises:
            DataError: a frame has none; the message names it.
        """
        missing = [name for name in names if name not in self.masks]
        if missing:
            raise DataError(
                f"{self.folder}: no mask for frame '{missing[0]}' ({len(missing)} missing); "
                "a frame without target has an all-black mask"
            )

    def sample(self, name: str) -> Sample:
        """Read the frame `name`, its mask and the centroids of the mask's components.

        Raises:
            DataError: a file cannot be read.
        """
        frame = read_image(self.frames[name])
        mask, soft = read_soft_mask(self.masks[name])
        return Sample(name=name, frame=frame, points=points_from_mask(mask), mask=mask, soft=soft)

    def published(self, origin: Origin, splits: Mapping[str, tuple[str, ...]]) -> Published:
        """Return the dataset of these frames with the official `splits`.

        Raises:
            DataError: a listed frame has no mask.
        """
        needed = self.frames if "train" not in splits else [name for names in splits.values() for name in names]
        self.check_masks(needed)
        return Published(origin, tuple(self.frames), splits, self.sample)


def check_size(where: str, size: tuple[int, ...], frame: Frame) -> None:
    """Check that `size` (H, W) is the frame's.

    Raises:
        DataError: it is not; the message begins with `where`.
    """
    height, width = frame.shape[:2]
    if size != (height, width):
        raise DataError(
            f"{where}: is {size[1]}×{size[0]} px, its frame {width}×{height} px; replace the one that is wrong"
        )
