"""Plain folders for a user's own data, in any image format.

images/NAME.*, masks/NAME.* or points.csv (frame, x, y) or both; splits/{train,val,test}.txt, or some of them, or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.importers.folders import MaskedFrames, image_files
from irstd.curation.importers.frame_names import find_frame
from irstd.curation.importers.layout import Layout, Published, lacks_folder
from irstd.curation.importers.lists import choose_lists, find_lists, read_lists
from irstd.curation.importers.origins import origin_of
from irstd.datasets.canonical import SPLITS
from irstd.datasets.points_csv import read_points
from irstd.datasets.sample import Sample
from irstd.frames import read_image


def _lacks(folder: Path) -> str | None:
    missing = lacks_folder(folder, "images")
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
    origin = origin_of(folder.resolve().name, "plain")
    masked = MaskedFrames.open(folder / "images", folder / "masks") if (folder / "masks").is_dir() else None
    frames = masked.frames if masked else image_files(folder / "images")
    splits = plain_splits(folder, frames, wanted)
    published = masked.published(origin, splits) if masked else None
    if published and not (folder / "points.csv").is_file():
        return published
    known = {name: name for name in frames}
    points = read_points(folder / "points.csv", frames, lambda given: find_frame(given, known))
    pointed = _Pointed(frames, points, masked)
    return Published(origin, tuple(frames), splits, pointed.sample, with_points=True)


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


@dataclass(frozen=True)
class _Pointed:
    """Frames with the points of a table, and masks if there are any."""

    frames: Mapping[str, Path]
    points: Mapping[str, NDArray[np.float64]]
    masked: MaskedFrames | None

    def sample(self, name: str) -> Sample:
        if self.masked:
            return replace(self.masked.sample(name), points=self.points[name])
        return Sample(name=name, frame=read_image(self.frames[name]), points=self.points[name])


PLAIN = Layout(
    signs="images/ and masks/ or points.csv or both, with or without splits/{train,val,test}.txt",
    lacks=_lacks,
    open=_open,
)
