"""Plain folders for a user's own data, in any image format.

images/NAME.* or frames/NAME.*; masks/NAME.* or points.csv (frame, x, y) or both; splits/{train,val,test}.txt, or some
of them, or none. boxes.csv (frame, x, y, width, height) and sequences.csv (frame, clip, index) are kept where there are
any.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from irstd.curation.importers.folders import MaskedFrames, image_files
from irstd.curation.importers.frame_names import find_frame
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import choose_lists, find_lists, read_lists
from irstd.curation.importers.origins import Origin, origin_of
from irstd.datasets.canonical import SPLITS, read_parts
from irstd.datasets.frame_tables import BOXES, SEQUENCES, Find, read_boxes, read_sequences
from irstd.datasets.points_csv import read_points
from irstd.datasets.sample import Sample
from irstd.files.reading import read_object
from irstd.frames import read_image

T = TypeVar("T")

_FRAMES = "frames"  # where there is no images/


def _lacks(folder: Path) -> str | None:
    missing = None if (folder / _FRAMES).is_dir() else lacks_folder(folder, "images")
    if missing is None and lacks_folder(folder, "masks") and not (folder / "points.csv").is_file():
        missing = "no masks/ and no points.csv"
    return missing or _strange_list(folder)


def _strange_list(folder: Path) -> str | None:
    """Name a list outside splits/: it would not be read, and other splits would be carved."""
    for path in sorted([*folder.glob("[!.]*.txt"), *folder.glob("[!.]*/[!.]*.txt")]):
        if path.parent.name != "splits" and any(word in path.stem.lower() for word in ("train", "test")):
            return f"{path.relative_to(folder)} is no list in splits/"
    return None


def _open(folder: Path, wanted: str | None) -> Published:
    origin = _origin(folder)
    images = folder / "images" if (folder / "images").is_dir() else folder / _FRAMES
    masked = MaskedFrames.open(images, folder / "masks") if (folder / "masks").is_dir() else None
    frames = masked.frames if masked else image_files(images)
    splits = plain_splits(folder, frames, wanted)
    whole = masked.published(origin, splits) if masked else Published(origin, tuple(frames), splits, _bare(frames))
    points, boxes = _read(folder / "points.csv", read_points, frames), _read(folder / BOXES, read_boxes, frames)
    moments = _read(folder / SEQUENCES, read_sequences, frames) or {}

    def sample(name: str) -> Sample:
        found = whole.sample(name)
        placed = found.points if points is None else points[name]
        return replace(found, points=placed, boxes=None if boxes is None else boxes[name], moment=moments.get(name))

    clips = {name: moment.clip for name, moment in moments.items()}
    return replace(whole, sample=sample, with_points=points is not None, parts=read_parts(folder), clips=clips)


def _origin(folder: Path) -> Origin:
    """Return what dataset.json says, as the canonical form has it; else what is known of the folder's name."""
    known = origin_of(folder.resolve().name, "plain")
    if not (folder / "dataset.json").is_file():
        return known
    told = read_object(folder / "dataset.json")
    return Origin(**{name: str(told.get(name) or text) for name, text in asdict(known).items()})


def plain_splits(folder: Path, frames: Mapping[str, Path], wanted: str | None) -> Mapping[str, tuple[str, ...]]:
    """Read the lists in splits/; without any, frames that all lie in IMAGES/train, IMAGES/val and so on are so split.

    Raises:
        DataError: a list is faulty, or there are none and one is `wanted`.
    """
    found = find_lists([folder / "splits"])
    if found or wanted is not None:
        chosen = choose_lists(folder, found, wanted)
        return read_lists(chosen, {name: name for name in frames}, with_test=False)
    homes = {name: path.relative_to(folder).parts[1] for name, path in frames.items()}
    if not set(homes.values()) <= set(SPLITS):
        return {}
    return {split: tuple(name for name in homes if homes[name] == split) for split in sorted(set(homes.values()))}


def _read(
    path: Path, reader: Callable[[Path, Iterable[str], Find], Mapping[str, T]], frames: Iterable[str]
) -> Mapping[str, T] | None:
    """Return what the table `path` has of each frame; None where it is not there."""
    known = {name: name for name in frames}
    return reader(path, known, lambda given: find_frame(given, known)) if path.is_file() else None


def _bare(frames: Mapping[str, Path]) -> Callable[[str], Sample]:
    return lambda name: Sample(name, read_image(frames[name]), np.zeros((0, 2)))


PLAIN = Layout(
    signs="images/ or frames/, and masks/ or points.csv or both, with or without splits/{train,val,test}.txt",
    lacks=_lacks,
    open=_open,
)
