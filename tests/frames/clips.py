"""Tiny videos and TIFFs of several pages, made by the tests."""

import struct
from pathlib import Path

import cv2
import numpy as np

from irstd.frames import Frame

SIDE = (48, 64)


def moving(index: int) -> Frame:
    """Frame `index` of a clip: a bright square that moves by 2 px a frame."""
    frame = np.full(SIDE, 60, dtype=np.uint8)
    frame[20:24, 10 + 2 * index : 14 + 2 * index] = 230
    return frame


def write_clip(path: Path, frames: int = 6, frames_per_s: float = 20.0) -> Path:
    """Write a clip of `moving` frames as Motion JPEG, which every build of OpenCV writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), frames_per_s, SIDE[::-1])
    for index in range(frames):
        writer.write(cv2.cvtColor(moving(index), cv2.COLOR_GRAY2BGR))
    writer.release()
    return path


def write_stack(path: Path, frames: list[Frame]) -> Path:
    """Write a TIFF with a page a frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwritemulti(str(path), frames)
    return path


def write_bare_tiff(path: Path, places: list[int]) -> Path:
    """Write a TIFF of empty directories, each naming the next of `places`."""
    path.write_bytes(
        b"II*\0" + struct.pack("<I", 8) + b"".join(struct.pack("<HI", 0, place) for place in places) + bytes(16)
    )
    return path
