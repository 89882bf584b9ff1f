"""COCO's JSON of keypoints, as SPIRE uses it: each keypoint is a target."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
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


def keypoint_fault(path: Path) -> str | None:
    """Say why `path` is no COCO JSON of keypoints, for messages; None if it is one. Its entries are not checked."""
    try:
        stored = json.loads(read_text(path))
    except (DataError, ValueError, RecursionError):  # ValueError: no JSON, or a number of thousands of digits
        return "no JSON that can be read"
    if not isinstance(stored, dict):
        return "no JSON object"
    for key in ("images", "annotations"):
        if not isinstance(stored.get(key), list):
            return f"no list '{key}'"
    annotations = stored["annotations"]
    if annotations and not any(isinstance(entry, dict) and "keypoints" in entry for entry in annotations):
        return "no annotation has 'keypoints'"
    return None


def read_keypoints(path: Path) -> list[KeypointImage]:
    """Read the images of a COCO JSON in its order; keypoints of visibility 0 (not labelled) are skipped.

    Raises:
        DataError: it is no such file, an image or an annotation is incomplete, or a keypoint is no finite number.
    """
    fault = keypoint_fault(path)
    if fault:
        raise DataError(f"{path}: {fault}; it must have images and annotations with keypoints, as COCO has")
    stored = json.loads(read_text(path))
    points: dict[str, list[NDArray[np.float64]]] = {}
    for entry in stored["images"]:
        if not isinstance(entry, dict) or "id" not in entry or not isinstance(entry.get("file_name"), str):
            raise DataError(f"{path}: an image without id or file_name: {_short(entry)}; complete it")
        if str(entry["id"]) in points:
            raise DataError(f"{path}: image id {entry['id']} occurs twice; ids must be unique")
        points[str(entry["id"])] = []
    for entry in stored["annotations"]:
        name = str(entry.get("image_id")) if isinstance(entry, dict) else ""
        if name not in points:
            raise DataError(f"{path}: an annotation of no image in it: {_short(entry)}; correct its image_id")
        points[name].append(_points(path, name, entry.get("keypoints", [])))
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
            f"{path}: keypoints of image {name} are no [x, y, v, x, y, v, …]: {_short(keypoints)}; correct them"
        ) from fault
    points = triples[triples[:, 2] != 0, :2]
    if not np.isfinite(triples).all():
        raise DataError(f"{path}: keypoints of image {name} are not all finite: {_short(keypoints)}; correct them")
    return points


def _size(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    height, width = entry.get("height"), entry.get("width")
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"
