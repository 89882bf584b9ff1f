"""COCO's JSON of keypoints, as SPIRE uses it: each keypoint is a target."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError, shortened
from irstd.files import parse_json
from irstd.files.reading import read_text


@dataclass(frozen=True)
class KeypointImage:
    """An image and its targets.

    Attributes:
        id: its id in annotations and lists.
        file_name: name of its file, with or without folders.
        size: (H, W) px; None if the JSON has no size.
        points: float64 (n, 2) of (x, y) px, pixel centres at integers as for centroids of masks.
    """

    id: str
    file_name: str
    size: tuple[int, int] | None
    points: NDArray[np.float64]


BOXES_ALONE = "no annotation has 'keypoints'"
"""The fault of a COCO JSON of boxes."""


def keypoint_fault(path: Path) -> str | None:
    """Say why `path` is no COCO JSON of keypoints, for messages; None if it is one. Its entries are not checked."""
    try:
        stored = parse_json(read_text(path), str(path))
    except DataError as fault:
        return shortened(str(fault).removeprefix(f"{path}: "))
    if not isinstance(stored, dict):
        return "no JSON object"
    for key in ("images", "annotations"):
        if not isinstance(stored.get(key), list):
            return f"no list '{key}'"
    annotations = stored["annotations"]
    if annotations and not any(isinstance(entry, dict) and "keypoints" in entry for entry in annotations):
        return BOXES_ALONE
    return None


def read_keypoints(path: Path, *, boxes: bool = False) -> list[KeypointImage]:
    """Read the images of a COCO JSON in its order; keypoints of visibility 0 (not labelled) are skipped.

    Args:
        path: the JSON.
        boxes: an annotation with a box and no keypoint is a target at the box's centre. Else it is an error, since the
            target would become background.

    Raises:
        DataError: it is no such file, an image or an annotation is incomplete, or a number is not finite.
    """
    fault = keypoint_fault(path)
    if fault not in (None, BOXES_ALONE):
        raise DataError(f"{path}: {fault}; it must have images and annotations with keypoints, as COCO has")
    stored = parse_json(read_text(path), str(path))
    points: dict[str, list[NDArray[np.float64]]] = {}
    bare = list[str]()
    for entry in stored["images"]:
        if not isinstance(entry, dict) or "id" not in entry or not isinstance(entry.get("file_name"), str):
            raise DataError(f"{path}: an image without id or file_name: {shortened(entry)}; complete it")
        if str(entry["id"]) in points:
            raise DataError(f"{path}: image id {entry['id']} occurs twice; ids must be unique")
        points[str(entry["id"])] = []
    for entry in stored["annotations"]:
        name = str(entry.get("image_id")) if isinstance(entry, dict) else ""
        if name not in points:
            raise DataError(f"{path}: an annotation of no image in it: {shortened(entry)}; correct its image_id")
        own, centre = _points(path, name, entry.get("keypoints", [])), _centre(path, name, entry.get("bbox") or [])
        if len(centre) and not len(own):
            own = centre
            bare.append(name)
        points[name].append(own)
    if bare and not boxes:
        raise DataError(
            f"{path}: {len(bare)} of {len(stored['annotations'])} annotations have a box and no keypoint, such as one "
            f"of image {shortened(bare[0], 40)}: their targets would be background; give them keypoints, or take their "
            "boxes' centres (--boxes centre)"
        )
    return [
        KeypointImage(
            id=str(entry["id"]),
            file_name=entry["file_name"],
            size=_size(entry),
            points=np.concatenate([np.zeros((0, 2)), *points[str(entry["id"])]]),
        )
        for entry in stored["images"]
    ]


def _points(path: Path, name: str, keypoints: Any) -> NDArray[np.float64]:
    try:
        triples = np.array(keypoints, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError) as fault:
        raise DataError(
            f"{path}: keypoints of image {name} are no [x, y, v, x, y, v, …]: {shortened(keypoints)}; correct them"
        ) from fault
    points = triples[triples[:, 2] != 0, :2]
    if not np.isfinite(triples).all():
        raise DataError(f"{path}: keypoints of image {name} are not all finite: {shortened(keypoints)}; correct them")
    return points


def _centre(path: Path, name: str, box: Any) -> NDArray[np.float64]:
    """Return (1, 2), the centre of COCO's [x, y, width, height]: the corner of the first pixel is 0; (0, 2) without."""
    try:
        sides = np.array(box or [0, 0, 0, 0], dtype=np.float64).reshape(4)
    except (TypeError, ValueError):
        sides = np.full(4, np.nan)
    if not np.isfinite(sides).all():
        raise DataError(f"{path}: bbox of image {name} is no [x, y, width, height]: {shortened(box)}; correct it")
    centre = sides[:2] + (sides[2:] - 1) / 2
    return centre[None][: int((sides[2:] > 0).all())]


def _size(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = entry.get("height"), entry.get("width")
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None
