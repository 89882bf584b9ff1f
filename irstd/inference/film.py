"""An annotated video that browsers play: VP8 in WebM, which OpenCV's wheels write and Chromium and Firefox play.

Those wheels hold no encoder of H.264, and no browser plays the MPEG-4 (`mp4v`) that they do write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from irstd.files.atomic import new_files
from irstd.frames.overlay import Picture
from irstd.frames.video import quiet_stderr

FILM_SUFFIX = ".webm"
_CODEC = "VP80"
_MOST_PX = 16_383  # a side, in VP8


class Film:
    """A video being written; it begins with its first picture.

    Attributes:
        fault: the line that tells why it cannot be written; empty as long as it can.
    """

    def __init__(self, path: Path, frames_per_s: float) -> None:
        self._path, self._frames_per_s = path, frames_per_s
        self._writer: Any = None
        self._size = (0, 0)
        self.fault = ""

    def add(self, picture: Picture) -> None:
        """Append a picture (h, w, 3) in RGB order; one of another size than the first is scaled to it."""
        height, width = (side + side % 2 for side in picture.shape[:2])  # the codec halves its colours
        if self._writer is None:
            self._begin(height, width)
        if self.fault:
            return
        more = ((0, height - picture.shape[0]), (0, width - picture.shape[1]), (0, 0))
        even = np.pad(picture, more)
        if (height, width) != self._size:
            even = np.asarray(cv2.resize(even, self._size[::-1], interpolation=cv2.INTER_AREA))
        self._writer.write(np.ascontiguousarray(even[..., ::-1]))

    def close(self) -> None:
        """End the video; of one that has no picture, or cannot be written, no file stays."""
        if self._writer is None:
            return
        self._writer.release()
        if not self.fault and not (self._path.is_file() and self._path.stat().st_size):
            self.fault = f"{self._path.name}: the annotated video cannot be written; see that the disk has room"
        if self.fault:
            self._path.unlink(missing_ok=True)

    def _begin(self, height: int, width: int) -> None:
        self._size = height, width
        code = cv2.VideoWriter.fourcc(*_CODEC)
        with quiet_stderr():  # it says that WebM has no tag for its own codec
            self._writer = cv2.VideoWriter(str(self._path), cv2.CAP_FFMPEG, code, self._frames_per_s, (width, height))
        if max(height, width) > _MOST_PX or not self._writer.isOpened():
            self.fault = f"{self._path.name}: this OpenCV cannot write an annotated video of {width}×{height} px"


@contextmanager
def new_film(path: Path, frames_per_s: float) -> Iterator[Film]:
    """Yield a film that becomes `path` when the block succeeds.

    Raises:
        DataError: its folder cannot be written to.
    """
    with new_files(path.parent) as folder:
        film = Film(folder / path.name, frames_per_s)
        try:
            yield film
        finally:
            film.close()
