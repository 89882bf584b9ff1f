"""Frames of video files and of network streams, one at a time, read with OpenCV's FFmpeg."""

import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError, masked
from irstd.files.regular import open_regular
from irstd.frames.read import MOST_PIXELS

VIDEO_SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm")

_STREAM = re.compile(r"(rtsps?|https?)://\S+", re.IGNORECASE)
_PATIENCE_MS = 15_000  # for a stream to open, and for its next frame
_FASTEST, _USUAL = 240.0, 25.0  # frames/s; addresses of cameras give anything
_MOST_FRAMES = 10**8  # a header may promise any number

# How files of these kinds begin. FFmpeg looks at nothing else, and its playlists name other files and addresses.
_SIGNATURES = (
    re.compile(rb"....(ftyp|moov|mdat|free|skip|wide|pnot)", re.DOTALL),
    re.compile(rb"RIFF....AVI ", re.DOTALL),
    re.compile(rb"\x1a\x45\xdf\xa3"),
)


@dataclass(frozen=True)
class Video:
    """An opened video or stream.

    Attributes:
        where: its path, or its address without login; begins the message of every error.
        frames_per_s: as its header says, in (0, 240]; 25 where it says nothing that can be.
        count: the frames its header promises; None: unknown, as of a stream.
    """

    where: str
    frames_per_s: float
    count: int | None
    _capture: Any

    def __iter__(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield each frame, (H, W, 3) in RGB order, with its time in s from the first one.

        Raises:
            DataError: a frame is too large.
        """
        begin, last, index = 0.0, -math.inf, 0
        while True:
            there, image = self._capture.read()
            if not there or image is None:
                return
            _check_size(image.shape[1], image.shape[0], self.where)
            time = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
            if index == 0:
                begin = time
            # Some kinds of file tell no times, and some streams begin again.
            seconds = time - begin if math.isfinite(time) and time > last else index / self.frames_per_s
            last, index = time, index + 1
            yield seconds, np.ascontiguousarray(image[..., ::-1])


def is_stream(text: str) -> bool:
    """Tell whether a text is the address of a network stream: RTSP or HTTP."""
    return _STREAM.fullmatch(text) is not None


@contextmanager
def open_video(place: str | Path) -> Iterator[Video]:
    """Open a video file, or the address of a stream, by its content.

    Raises:
        DataError: there is none, it is no mp4, mov, avi, mkv or webm, cannot be decoded, or is too large.
    """
    where = masked(str(place))
    stream = isinstance(place, str) and is_stream(place)
    if not stream:
        _check_content(Path(place), where)
    patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _PATIENCE_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _PATIENCE_MS]
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet: what is wrong is told by our own line
    capture = cv2.VideoCapture()
    try:
        with quiet_stderr():
            opened = capture.open(str(place), cv2.CAP_FFMPEG, patience)
        if not opened:
            raise DataError(f"{where}: {_ASK if stream else _DAMAGED}")
        _check_size(capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT), where)
        capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)  # points are told on the frames as they are stored
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        yield Video(
            where=where,
            frames_per_s=float(rate) if 0.0 < rate <= _FASTEST else _USUAL,
            count=int(count) if 0 < count < _MOST_FRAMES else None,
            _capture=capture,
        )
    finally:
        capture.release()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Keep from the user what OpenCV itself writes to the process's stderr."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


_ASK = "no video comes from this address; check it, and that the camera or server answers"
_DAMAGED = "no frame of this video can be decoded; it is cut short, damaged or of an unknown codec, convert it again"


def _check_content(path: Path, where: str) -> None:
    with open_regular(path) as stream:
        start = stream.read(12)
    if not any(signature.match(start) for signature in _SIGNATURES):
        raise DataError(f"{where}: is no mp4, mov, avi, mkv or webm by its content; convert it to one of these")


def _check_size(width: float, height: float, where: str) -> None:
    if width * height > MOST_PIXELS:
        raise DataError(
            f"{where}: is {width:.0f}×{height:.0f} px; at most {MOST_PIXELS >> 20} × 2²⁰ px are decoded, scale it down"
        )
