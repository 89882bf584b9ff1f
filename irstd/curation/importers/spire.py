"""The layouts of SPIRE's release: points in COCO's JSON of keypoints.

    images/, annotations/annotations.json, img_idx/{train,test}.txt     lists of image ids
    SPLIT/SPLIT_images/, SPLIT/annotations/SPLIT.json                   the older one
    annotations/…_train….json, …_val…, …_test…; images in images/ or train2017/, …, as COCO has them

Every JSON file with images and annotations of keypoints is read, whatever its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from irstd.curation.importers.folders import check_size
from irstd.curation.importers.keypoints import BOXES_ALONE, KeypointImage, keypoint_fault, read_keypoints
from irstd.curation.importers.layout import Layout, Published
from irstd.curation.importers.lists import choose_lists, read_lists, train_lists
from irstd.curation.importers.origins import Origin
from irstd.datasets.canonical import SPLITS
from irstd.datasets.sample import Sample
from irstd.errors import DataError, shortened
from irstd.frames import read_image

_ROLES = {"train": "train", "trainval": "train", "val": "val", "test": "test"}
_WHOLE = "whole"  # role of a file whose name has no split
_JSON = ("*.json", "annotations/*.json", "*/annotations/*.json")
_LISTS = ("img_idx", "splits", "annotations", ".")


@dataclass(frozen=True)
class _Entry:
    """An image with its file and its place in the JSON, for messages."""

    image: KeypointImage
    file: Path
    where: str


def _lacks(folder: Path) -> str | None:
    faults = _faults(folder)
    labelled = (folder / "masks").is_dir() or (folder / "points.csv").is_file()  # then boxes beside them are no labels
    if None in faults.values() or (BOXES_ALONE in faults.values() and not labelled):
        return None
    told = [f"{path.relative_to(folder)}: {fault}" for path, fault in faults.items()]
    return told[0] if told else "no annotations/*.json"


def _faults(folder: Path) -> Mapping[Path, str | None]:
    return {path: keypoint_fault(path) for place in _JSON for path in sorted(folder.glob(place))}


def _coco_files(folder: Path) -> list[Path]:
    """Return the files of keypoints; without any, those of boxes."""
    faults = _faults(folder)
    with_points = [path for path, fault in faults.items() if fault is None]
    return with_points or [path for path, fault in faults.items() if fault == BOXES_ALONE]


def _open(folder: Path, wanted: str | None, *, boxes: bool = False) -> Published:
    files = _files_by_role(folder)
    entries: dict[str, _Entry] = {}
    splits: dict[str, tuple[str, ...]] = {}
    for role, path in files.items():
        read = _read(folder, role, path, boxes)
        twice = sorted(set(read) & set(entries))
        if twice:
            raise DataError(f"{path}: frame '{twice[0]}' is in {entries[twice[0]].where} too; a frame has one split")
        entries |= read
        splits[role] = tuple(read)
    if _WHOLE in files:
        splits = dict(_listed(folder, entries, wanted))
    elif wanted is not None:
        raise DataError(f"{folder}: its splits are JSON files, not lists; omit --lists")
    return Published(
        origin=Origin(
            source=f"'{folder.resolve().name}', in the layout spire",
            citation="the dataset's: not known; its layout: Ni et al., SPIRE, arXiv 2604.05363",
            licence="not known",
        ),
        names=tuple(entries),
        splits=splits,
        sample=lambda name: _sample(name, entries[name]),
        with_points=True,
    )


def _files_by_role(folder: Path) -> Mapping[str, Path]:
    """Find the JSON files by the split in their names; else the single file for all splits."""
    found: dict[str, Path] = {}
    for path in _coco_files(folder):
        words = re.split(r"[^a-z]+", path.stem.lower())
        role = next((_ROLES[word] for word in words if word in _ROLES), _WHOLE)
        if role in found:
            raise DataError(f"{path}: is for {role}, as {found[role]} is; remove one of them")
        found[role] = path
    splits = {role: found[role] for role in SPLITS if role in found}
    if "train" in splits or not found:
        return splits
    if splits and _WHOLE not in found:
        raise DataError(f"{next(iter(splits.values()))}: has no JSON for train beside it; add it")
    return {_WHOLE: found[_WHOLE]}


def _read(folder: Path, role: str, path: Path, boxes: bool) -> dict[str, _Entry]:
    """Read the images of one JSON file by frame name."""
    entries: dict[str, _Entry] = {}
    for image in read_keypoints(path, boxes=boxes):
        name = _relative(image).stem
        if name in entries:
            raise DataError(f"{path}: '{image.file_name}' and another image are both frame '{name}'; rename one")
        entries[name] = _Entry(image, _find(folder, role, path, image), f"{path}: image {image.id}")
    if not entries:
        raise DataError(f"{path}: holds no images; add them")
    return entries


def _find(folder: Path, role: str, path: Path, image: KeypointImage) -> Path:
    """Find the file of an image in the places that SPIRE and COCO use."""
    relative = _relative(image)
    if relative.is_absolute() or ".." in relative.parts:
        raise DataError(f"{path}: file_name '{image.file_name}' leads out of the dataset; correct it")
    places = [f"{role}/{role}_images", f"{role}/images", "images", f"images/{role}", role, "."]
    years = [*sorted(folder.glob(f"{role}[0-9]*")), *sorted(folder.glob(f"images/{role}[0-9]*"))]
    folders = [*(folder / place for place in places), *years]
    for place in folders:
        if (place / relative).is_file():
            return place / relative
    looked = ", ".join(str(place.relative_to(folder)) for place in folders if place.is_dir())
    raise DataError(
        f"{path}: image '{shortened(image.file_name)}' is not in {folder} (looked in {looked}); add it or correct its "
        "file_name"
    )


def _relative(image: KeypointImage) -> PurePosixPath:
    return PurePosixPath(image.file_name.replace("\\", "/"))  # as Windows writes it


def _listed(folder: Path, entries: Mapping[str, _Entry], wanted: str | None) -> Mapping[str, tuple[str, ...]]:
    """Read the splits from lists of image ids or file names."""
    found = train_lists(folder / place for place in _LISTS)
    if not found and wanted is None:
        return {}
    known = {name: name for name in entries}
    known |= {entry.image.file_name: name for name, entry in entries.items()}
    known |= {entry.image.id: name for name, entry in entries.items()}  # an id goes before another image's name
    return read_lists(choose_lists(folder, found, wanted), known)


def _sample(name: str, entry: _Entry) -> Sample:
    frame = read_image(entry.file)
    if entry.image.size is not None:
        check_size(entry.where, entry.image.size, frame)
    return Sample(name=name, frame=frame, points=entry.image.points)


SPIRE = Layout(
    signs="annotations/*.json in COCO's form with keypoints, and the images",
    lacks=_lacks,
    open=_open,
    open_boxes=partial(_open, boxes=True),
)
