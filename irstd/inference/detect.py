"""A detector over files: a table of detections, and pictures."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from irstd.errors import DataError, IrstdError
from irstd.files import make_folder, new_file
from irstd.frames import Frame, read_image, write_png
from irstd.frames.overlay import draw_overlay
from irstd.inference.find import FrameFile
from irstd.inference.results import OVERLAYS, TABLE, overlay_names
from irstd.inference.workers import cores, in_order
from irstd.labels.detections import Detections

COLUMNS = ("frame", "x", "y", "score")

Find = Callable[[Frame], Detections]
"""A detector: from a frame to its detections above the operating threshold; called from several threads."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Detected:
    """Outcome of a run.

    Attributes:
        frames: number of frames searched.
        detections: number of detections.
        failures: a line for each frame that failed.
        table: the CSV.
        overlays: the folder of pictures; None if none were drawn.
    """

    frames: int
    detections: int
    failures: tuple[str, ...]
    table: Path
    overlays: Path | None


def detect_frames(
    find: Find, frames: Sequence[FrameFile], out: Path, progress: Progress | None = None, *, overlays: bool = True
) -> Detected:
    """Detect targets in `frames` and write the results below `out`.

    `out`/detections.csv has the columns frame, x, y (px, 3 decimals) and score (4 decimals), frames in their order, the
    strongest detection first, and only its header if nothing was found. It replaces that of an earlier run when all
    frames are done. `out`/overlays has a picture of every frame under the frame's name (`.png` behind any other
    suffix); pictures of other frames stay.

    A frame that cannot be read or searched does not stop the others: it has no row and no picture, and is named in
    `failures`.

    Args:
        find: a loaded detector.
        frames: as `find_frames` returns them.
        out: folder, created if missing.
        progress: called with (done, all) after each frame.
        overlays: draw the pictures.

    Raises:
        DataError: `out` cannot be written to, or a picture would overwrite a frame.
    """
    pictures = _pictures(frames, out) if overlays else {}
    make_folder(out)
    failures: list[str] = []
    count = 0
    with _replaced(out / TABLE) as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        searched = in_order(lambda each: _outcome(find, each.path, pictures.get(each.name)), frames, cores())
        for done, (each, found) in enumerate(zip(frames, searched, strict=True), start=1):
            if isinstance(found, str):
                failures.append(found)
            else:
                table.writerows(_rows(each.name, found))
                count += len(found)
            if progress is not None:
                progress(done, len(frames))
    return Detected(
        frames=len(frames) - len(failures),
        detections=count,
        failures=tuple(failures),
        table=out / TABLE,
        overlays=out / OVERLAYS if overlays else None,
    )


def _outcome(find: Find, path: Path, picture: Path | None) -> Detections | str:
    """Search a frame and draw its picture; return the detections, or the line that says why it failed."""
    try:
        frame = read_image(path)
    except IrstdError as fault:
        return str(fault)
    try:
        found = find(frame)
    except IrstdError as fault:
        return f"{path}: cannot be searched: {fault}"
    if picture is not None:
        make_folder(picture.parent)
        write_png(picture, draw_overlay(frame, found))
    return found


def _rows(name: str, found: Detections) -> Iterator[tuple[str, str, str, str]]:
    for (x, y), score in zip(found.points, found.scores, strict=True):
        # Adding 0 turns the -0.000 of a point just left of the first pixel's centre into 0.000.
        yield name, f"{round(float(x), 3) + 0.0:.3f}", f"{round(float(y), 3) + 0.0:.3f}", f"{float(score):.4f}"


def _pictures(frames: Sequence[FrameFile], out: Path) -> dict[str, Path]:
    names = overlay_names([frame.name for frame in frames])
    pictures = {name: out / OVERLAYS / picture for name, picture in names.items()}
    sources = {os.path.realpath(path): path for _, path in frames}
    for picture in pictures.values():
        source = sources.get(os.path.realpath(picture))
        if source is not None:
            raise DataError(f"{source}: a picture of the results would overwrite it; choose another folder for them")
    return pictures


@contextmanager
def _replaced(path: Path) -> Iterator[TextIO]:
    """Open a text file that replaces `path` when the block succeeds, and is removed when it does not."""
    # File names that are no UTF-8 go back to the bytes they have on disk.
    with new_file(path) as raw, TextIOWrapper(raw, "utf-8", "surrogateescape", newline="") as stream:
        yield stream
