"""Frames of files and streams, one at a time, each with its name in the table of detections."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from irstd.errors import DataError
from irstd.frames import Frame, read_image
from irstd.frames.pages import TIFF_SUFFIXES, count_pages, open_pages
from irstd.frames.video import VIDEO_SUFFIXES, Video
from irstd.inference.find import FrameFile, Stream

Source = FrameFile | Stream

# Of the frames that a header promises, which is a guess from the length for some kinds of file.
_ENOUGH, _FEW = 0.95, 2


@dataclass(frozen=True)
class Item:
    """A frame to be searched.

    Attributes:
        name: its name in the table: of its file, and `FILE/000012` for the frame or page 12, from 0.
        where: begins the line of a failure.
        read: decodes it, or raises what reading it raised; called once, from any thread.
        time: s from the video's first frame; None for what has no time.
    """

    name: str
    where: str
    read: Callable[[], Frame]
    time: float | None = None


def is_timed(source: Source) -> bool:
    """Tell whether the frames of a source have times: those of videos and streams do."""
    return isinstance(source, Stream) or source.path.suffix.lower() in VIDEO_SUFFIXES


def count_stills(files: Sequence[FrameFile]) -> int:
    """Count the frames of image files, with the pages of TIFFs."""
    return sum(_pages(file.path) for file in files)


def still_items(files: Sequence[FrameFile]) -> Iterator[Item]:
    """Yield the frames of image files; those of a TIFF with several pages each by itself."""
    for file in files:
        if _pages(file.path) > 1:
            yield from _page_items(file)
        else:
            yield Item(file.name, str(file.path), partial(read_image, file.path))


class VideoItems:
    """The frames of a video or stream, until it ends, breaks or `stop` says so.

    Attributes:
        fault: after the last one, the line that tells how it broke; empty if it did not.
    """

    def __init__(self, video: Video, source: Source, stop: Callable[[], bool]) -> None:
        self._video, self._source, self._stop = video, source, stop
        self.fault = ""

    def __iter__(self) -> Iterator[Item]:
        """Yield them; nothing is raised, so that those under way are not lost."""
        index, time = -1, 0.0
        try:
            for index, (time, frame) in enumerate(self._video):
                if self._stop():
                    return
                yield Item(frame_name(self._source.name, index), self._at(index), partial(_given, frame), time)
        except DataError as fault:
            self.fault = str(fault)
        else:
            self.fault = self._broke_off(index + 1, time)

    def _at(self, index: int) -> str:
        return f"{self._video.where}: frame {index}"

    def _broke_off(self, frames: int, time: float) -> str:
        where, promised = self._video.where, self._video.count
        if not frames:
            return f"{where}: no frame of it can be decoded; it is damaged or of an unknown codec, convert it again"
        if promised is None:
            live = isinstance(self._source, Stream)
            told = f"{frames} frames ({time:.1f} s)"
            return f"{where}: the stream ended or broke after {told}; what was found in them is kept" if live else ""
        if frames + _FEW >= _ENOUGH * promised:
            return ""
        return f"{where}: breaks off after {frames} of about {promised} frames; what was found in them is kept"


def frame_name(source: str, index: int) -> str:
    """Name a frame of a file or stream in tables: its number, from 0, below the source's own name."""
    return f"{source}/{index:06d}"


def _given(frame: Frame) -> Frame:
    return frame


def _pages(path: Path) -> int:
    return max(count_pages(path), 1) if path.suffix.lower() in TIFF_SUFFIXES else 1


def _page_items(file: FrameFile) -> Iterator[Item]:
    with open_pages(file.path) as pages:
        for index in range(len(pages)):
            where = f"{file.path}: page {index}"
            yield Item(frame_name(file.name, index), where, _decoded(partial(pages.read, index)))


def _decoded(read: Callable[[], Frame]) -> Callable[[], Frame]:
    """Read now, while the file is open; return what gives the frame, or raises what reading it raised."""
    try:
        return partial(_given, read())
    except Exception as fault:  # decoders raise what they like on a stranger's file
        return partial(_fail, fault)


def _fail(fault: Exception) -> Frame:
    raise fault
