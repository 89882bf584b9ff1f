"""Frames and masks in two folders, matched by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.importers.frame_names import without_mark
from irstd.curation.importers.layout import Published
from irstd.curation.importers.origins import Origin
from irstd.datasets.sample import Sample
from irstd.errors import DataError, shortened
from irstd.frames import IMAGE_SUFFIXES, Frame, read_image, read_soft_mask
from irstd.labels.points import points_from_mask


def image_files(folder: Path) -> Mapping[str, Path]:
    """List the images in `folder` by their names without suffix, sorted; if all lie in subfolders, as SEQ_FRAME.

    Raises:
        DataError: no such folder, no image in it, or two images of one name.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; the download is incomplete, fetch it again")
    files: dict[str, Path] = {}
    for path in _images(folder, "[!.]*") or _images(folder, "**/[!.]*"):
        name = "_".join((*path.relative_to(folder).parent.parts, path.stem))
        if name in files:
            other = files[name].relative_to(folder)
            raise DataError(f"{path}: {other} has the same name; names without suffix must be unique")
        files[name] = path
    if not files:
        raise DataError(f"{folder}: no images; looked for {', '.join(IMAGE_SUFFIXES)}, in subfolders too")
    return files


def _images(folder: Path, pattern: str) -> list[Path]:
    found = (path for path in folder.glob(pattern) if path.suffix.lower() in IMAGE_SUFFIXES)
    return sorted(path for path in found if not any(p.startswith(".") for p in path.relative_to(folder).parts))


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
        """Find the images in two folders; a mask may be called NAME_pixels0, NAME_mask, NAME_gt or NAME_label.

        Raises:
            DataError: a folder is missing or empty, or two files have one name.
        """
        frames, of_frame = image_files(images), dict[str, Path]()
        for name, path in image_files(masks).items():
            of_frame.setdefault(name if name in frames else without_mark(name), path)
        return cls(frames=frames, masks=of_frame, folder=masks)

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
            DataError: a listed frame has no mask; the message names it.
        """
        wanted = list(self.frames) if "train" not in splits else [name for names in splits.values() for name in names]
        missing = [name for name in wanted if name not in self.masks]
        if missing:
            there = shortened(next(iter(self.masks.values())).name)
            todo = (
                f"a mask has its frame's name, with or without _mask, _gt, _label or _pixels0; there is '{there}'"
                if len(missing) == len(wanted)
                else "a frame without target has an all-black mask"
            )
            raise DataError(
                f"{self.folder}: no mask for frame '{missing[0]}' ({len(missing)} missing of {len(wanted)}); {todo}"
            )
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
