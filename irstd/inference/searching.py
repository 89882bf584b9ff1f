"""The search of one frame: decoded, searched, judged and drawn, whatever it does to the detector."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.errors import IrstdError, in_one_line
from irstd.files import make_folder
from irstd.files.disk_faults import is_unwritable
from irstd.frames import Frame, write_png
from irstd.frames.overlay import Judged, Picture, draw_overlay
from irstd.inference.feeds import Item
from irstd.labels.detections import Detections
from irstd.metrics.judging import judge

Find = Callable[[Frame], Detections]
"""A detector: from a frame to its detections above the operating threshold; called from several threads."""
Truth = Callable[[str], NDArray[np.float64]]
"""The true targets, (n, 2) of (x, y) px, of a frame by its name in the table."""


@dataclass(frozen=True)
class Outcome:
    """The result of searching a frame.

    Attributes:
        item: the frame.
        found: its detections; None if it could not be read or searched.
        failure: a line, where it could not be read, searched or drawn.
        judged: hits and misses; None where the true targets are unknown.
        drawn: its picture, where it is to be part of a video.
    """

    item: Item
    found: Detections | None = None
    failure: str = ""
    judged: Judged | None = None
    drawn: Picture | None = None

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the frame's rows of the table."""
        for (x, y), score in zip(self.found.points, self.found.scores, strict=True) if self.found else ():
            # Adding 0 turns the -0.000 of a point just left of the first pixel's centre into 0.000.
            yield (
                self.item.name,
                f"{round(float(x), 3) + 0.0:.3f}",
                f"{round(float(y), 3) + 0.0:.3f}",
                f"{float(score):.4f}",
            )


@dataclass(frozen=True)
class Search:
    """A detector, the true targets where they are known, and the place of pictures.

    Attributes:
        find: the detector.
        truth: None: unknown.
        picture: where the picture of a still frame goes, by its name; None: none is drawn.
    """

    find: Find
    truth: Truth | None
    picture: Callable[[str], Path | None]

    def still(self, item: Item) -> Outcome:
        """Search a frame and write its picture.

        Raises:
            DataError: the disk is full or read-only.
        """
        path = self.picture(item.name)
        return self._searched(item, None if path is None else lambda picture: _write(path, picture))

    def drawn(self, item: Item) -> Outcome:
        """Search a frame and return its picture too."""
        kept = list[Picture]()
        outcome = self._searched(item, kept.append)
        return Outcome(item, outcome.found, outcome.failure, outcome.judged, kept[0] if kept else None)

    def plain(self, item: Item) -> Outcome:
        """Search a frame without a picture."""
        return self._searched(item, None)

    def _searched(self, item: Item, use: Callable[[Picture], None] | None) -> Outcome:
        step, found, judged = "read", None, None
        try:
            frame = item.read()
            step = "searched"
            found = self.find(frame)
            judged = None if self.truth is None else judge(found, self.truth(item.name))
            step = "drawn"
            if use is not None:
                use(draw_overlay(frame, found, judged, _caption(item)))
        except Exception as fault:  # of this frame alone: on a stranger's file decoders raise what they like
            if is_unwritable(fault):
                raise
            return Outcome(item, found, _failure(item.where, step, fault), judged)
        return Outcome(item, found, "", judged)


def _write(path: Path, picture: Picture) -> None:
    make_folder(path.parent)
    write_png(path, picture)


def _caption(item: Item) -> str:
    return item.name if item.time is None else f"{item.name}  {item.time:.2f} s"


def _failure(where: str, step: str, fault: Exception) -> str:
    if step == "read" and isinstance(fault, IrstdError):
        return str(fault)
    if step == "drawn" and isinstance(fault.__cause__, OSError):
        return f"{where}: is searched, but its picture cannot be written ({fault.__cause__.strerror})"
    kind = "" if isinstance(fault, IrstdError) else f"{type(fault).__name__}: "
    return f"{where}: cannot be {step}: {kind}{in_one_line(fault)}"
