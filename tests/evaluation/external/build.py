"""Masks, pictures and predictions of a few pixels, on disk."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.files.reading import write_array
from irstd.frames import Frame, write_png

MASKS: Mapping[str, tuple[tuple[int, int], ...]] = {"a": ((6, 6), (18, 12)), "b": ((10, 4),), "c": ()}
"""Three frames by the centres (x, y) of their 3 × 3 px targets."""
SIZE = (20, 26)


def mask_of(name: str) -> NDArray[np.bool_]:
    """The mask of a frame."""
    mask = np.zeros(SIZE, dtype=np.bool_)
    for x, y in MASKS[name]:
        mask[y - 1 : y + 2, x - 1 : x + 2] = True
    return mask


def picture_of(name: str) -> Frame:
    """A flat frame whose targets are bright."""
    return np.where(mask_of(name), np.uint8(200), np.uint8(40))


def write_truth(folder: Path, *, mark: str = "", images: bool = True) -> Path:
    """`folder` with masks/ and, if asked for, images/."""
    for kind in ("masks", "images"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for name in MASKS:
        write_png(folder / "masks" / f"{name}{mark}.png", np.where(mask_of(name), np.uint8(255), np.uint8(0)))
        if images:
            write_png(folder / "images" / f"{name}.png", picture_of(name))
    if not images:
        (folder / "images").rmdir()
    return folder


def write_dataset(folder: Path) -> Path:
    """The same as a dataset of a project: a for training, b for validation, c and a copy of a, called d, for test."""
    write_truth(folder)
    for kind in ("masks", "images"):
        (folder / kind / "d.png").write_bytes((folder / kind / "a.png").read_bytes())
    (folder / "splits").mkdir()
    for split, names in {"train": "a\n", "val": "b\n", "test": "d\nc\n"}.items():
        (folder / "splits" / f"{split}.txt").write_text(names)
    return folder


def write_responses(folder: Path, names: str = "abc", value: float = 1.0) -> Path:
    """Arrays that light the masks of the frames `names` with `value`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        lit = mask_of("a" if name == "d" else name)
        write_array(folder / f"{name}.npy", lit.astype(np.float32) * np.float32(value))
    return folder


def write_table(path: Path, *rows: str, header: str = "frame,x,y,score") -> Path:
    """A CSV of these lines."""
    path.write_text("".join(f"{line}\n" for line in (header, *rows)))
    return path
