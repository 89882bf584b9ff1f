"""The four test frames in every layout as published."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from irstd.frames import Frame
from tests.datasets.build import SPLIT_OF, samples


def write_image(path: Path, image: Frame) -> None:
    """Write `image` in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = image if image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])
    encoded, data = cv2.imencode(path.suffix, np.asarray(stored))
    assert encoded
    path.write_bytes(data.tobytes())


def write_frames(folder: Path) -> None:
    for name, sample in samples().items():
        write_image(folder / f"{name}.png", sample.frame)


def write_masks(folder: Path, mark: str = "") -> None:
    """Soft ones: targets are 7."""
    for name, sample in samples().items():
        assert sample.mask is not None
        write_image(folder / f"{name}{mark}.png", np.where(sample.mask, np.uint8(7), np.uint8(0)))


def write_list(path: Path, *names: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}\n" for name in names))


def names_of(*splits: str) -> list[str]:
    """The frames of some splits, from the last to the first, so that the order shows."""
    return [name for name in reversed(SPLIT_OF) if SPLIT_OF[name] in splits]


def coco(*names: str) -> dict[str, Any]:
    """COCO's JSON of keypoints as SPIRE writes it: one annotation an image, with all its targets."""
    frames = samples()
    sizes = {name: frames[name].frame.shape for name in names}
    return {
        "images": [
            {"id": name, "file_name": f"{name}.png", "height": sizes[name][0], "width": sizes[name][1]}
            for name in names
        ],
        "annotations": [
            {
                "id": number,
                "image_id": name,
                "category_id": 1,
                "bbox": [],
                "num_keypoints": len(frames[name].points),
                "keypoints": [value for x, y in frames[name].points for value in (float(x), float(y), 1)],
            }
            for number, name in enumerate(names)
        ],
        "categories": [{"id": 1, "name": "target"}],
    }


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def open_sirst(folder: Path) -> Path:
    write_frames(folder / "mixed")
    write_masks(folder / "annotations/masks", mark="_pixels0")
    for split in ("train", "val", "test"):
        write_list(folder / f"splits/{split}_v1.txt", *names_of(split))
    write_list(folder / "splits/trainvaltest_v1.txt", *names_of("train", "val", "test"))
    return folder


def basic_irstd(folder: Path) -> Path:
    write_frames(folder / "images")
    write_masks(folder / "masks")
    write_list(folder / "img_idx/train_NUDT-SIRST.txt", *names_of("train", "val"))
    write_list(folder / "img_idx/test_NUDT-SIRST.txt", *names_of("test"))
    return folder


def dnanet(folder: Path) -> Path:
    write_frames(folder / "images")
    write_masks(folder / "masks", mark="_pixels0")
    write_list(folder / "50_50/train.txt", *names_of("train", "val"))
    write_list(folder / "50_50/test.txt", *names_of("test"))
    return folder


def irstd_1k(folder: Path) -> Path:
    write_frames(folder / "IRSTD1k_Img")
    write_masks(folder / "IRSTD1k_Label")
    write_list(folder / "trainval.txt", *names_of("train", "val"))
    write_list(folder / "test.txt", *names_of("test"))
    return folder


def spire(folder: Path) -> Path:
    write_frames(folder / "images")
    write_json(folder / "annotations/annotations.json", coco(*SPLIT_OF))
    write_list(folder / "img_idx/train.txt", *names_of("train", "val"))
    write_list(folder / "img_idx/test.txt", *names_of("test"))
    return folder


def plain(folder: Path) -> Path:
    write_frames(folder / "images")
    write_masks(folder / "masks")
    rows = [f"{name},{x},{y}\n" for name, sample in samples().items() for x, y in sample.points]
    (folder / "points.csv").write_text("frame,x,y\n" + "".join(rows))
    for split in ("train", "val", "test"):
        write_list(folder / f"splits/{split}.txt", *names_of(split))
    return folder


@dataclass(frozen=True)
class Case:
    """A layout with the test frames.

    Attributes:
        build: writes them to a folder, and returns it.
        with_masks: whether it has masks.
        with_val: whether it has an official validation split.
    """

    build: Callable[[Path], Path]
    with_masks: bool = True
    with_val: bool = False


CASES: Mapping[str, Case] = {
    "open-sirst": Case(open_sirst, with_val=True),
    "basicirstd": Case(basic_irstd),
    "dnanet": Case(dnanet),
    "irstd-1k": Case(irstd_1k),
    "spire": Case(spire, with_masks=False),
    "plain": Case(plain, with_val=True),
}
