"""A detector over files and streams: a table of detections, pictures, and annotated videos."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path
from typing import TextIO

import numpy as np

from irstd.errors import DataError
from irstd.files import make_folder, new_file
from irstd.frames.video import open_video
from irstd.inference.feeds import Source, VideoItems, count_stills, is_timed, still_items
from irstd.inference.film import FILM_SUFFIX, Film, new_film
from irstd.inference.find import FrameFile, Stream
from irstd.inference.results import OVERLAYS, TABLE, picture_paths
from irstd.inference.searching import Find, Outcome, Search, Truth
from irstd.inference.workers import cores, in_order

COLUMNS = ("frame", "x", "y", "score")
TIME = "time"
"""The column that a table has last where a source has times: s from the first frame of the video."""

Progress = Callable[[int, int | None], None]


def _never() -> bool:
    return False


@dataclass(frozen=True)
class DetectOptions:
    """Options of a run: what it does beside searching.

    Attributes:
        overlays: draw pictures, and an annotated video of each video.
        truth: the true targets of each frame; None: unknown.
        stop: asked at each frame of a video or stream, whether to end it there.
    """

    overlays: bool = True
    truth: Truth | None = None
    stop: Callable[[], bool] = _never


_PLAIN = DetectOptions()


@dataclass(frozen=True)
class Detected:
    """Outcome of a run.

    Attributes:
        frames: number of frames searched.
        detections: number of detections.
        failures: a line for each frame, video or stream that could not be read to its end, searched or drawn.
        table: the CSV.
        overlays: the folder of pictures and videos; None if none were drawn.
        judged: numbers of hits, misses and false alarms; None where the true targets are unknown.
    """

    frames: int
    detections: int
    failures: tuple[str, ...]
    table: Path
    overlays: Path | None
    judged: tuple[int, int, int] | None = None


def detect_frames(
    find: Find,
    sources: Sequence[Source],
    out: Path,
    progress: Progress | None = None,
    options: DetectOptions = _PLAIN,
) -> Detected:
    """Detect targets in the frames of `sources` and write the results below `out`.

    `out`/detections.csv has the columns frame, x, y (px, 3 decimals) and score (4 decimals), and time (s, 3 decimals;
    empty for images) where a source is a video or stream. Frames are in their order, the strongest detection first, and
    there is only the header if nothing was found. It replaces that of an earlier run when all frames are done.
    `out`/overlays has a picture of every image under its name (`.png` behind any other suffix), and of every video an
    annotated one (`.webm` behind its name); pictures of other frames stay.

    A frame that cannot be read or searched, whatever the reason, does not stop the others: it has no row and no
    picture, and is named in `failures`. So is one whose picture cannot be written, for example because its name is too
    long for one; its rows stand. A video or stream that breaks is named too, and keeps what was found in it.

    A few frames a core are in memory at once, however long a video is.

    Args:
        find: a loaded detector.
        sources: as `find_frames` or `find_sources` return them.
        out: folder, created if missing.
        progress: called with (done, all) after each frame; all is None where a source does not tell its length.
        options: as there.

    Raises:
        DataError: `out` cannot be written to, or a picture would overwrite a frame.
    """
    stills = [source for source in sources if isinstance(source, FrameFile) and not is_timed(source)]
    pictures = picture_paths(stills, out) if options.overlays else {}
    make_folder(out)
    if options.overlays:
        make_folder(out / OVERLAYS)

    def picture_of(name: str) -> Path | None:
        return pictures.get(name, out / OVERLAYS / f"{name}.png") if options.overlays else None

    run = _Run(Search(find, options.truth, picture_of), out, options, progress, count_stills(stills))
    timed = any(is_timed(source) for source in sources)
    with _replaced(out / TABLE) as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow((*COLUMNS, TIME) if timed else COLUMNS)
        for outcome in run.outcomes(sources):
            time = "" if outcome.item.time is None else f"{outcome.item.time:.3f}"
            table.writerows((*row, time) if timed else row for row in outcome.rows())
    return run.detected()


@dataclass
class _Run:
    """A run over sources, and what has come of it so far."""

    search: Search
    out: Path
    options: DetectOptions
    progress: Progress | None
    total: int | None
    done: int = 0
    frames: int = 0
    detections: int = 0
    failures: list[str] = field(default_factory=list)
    judged: list[int] = field(default_factory=lambda: [0, 0, 0])

    def outcomes(self, sources: Sequence[Source]) -> Iterator[Outcome]:
        """Yield what comes of the sources' frames, in their order; several are under way side by side."""
        for moving, group in groupby(sources, is_timed):
            if moving:
                for source in group:
                    yield from self._of_video(source)
            else:
                files = [source for source in group if isinstance(source, FrameFile)]
                yield from map(self._counted, in_order(self.search.still, still_items(files), cores()))

    def _of_video(self, source: Source) -> Iterator[Outcome]:
        with ExitStack() as opened:
            try:
                place = source.address if isinstance(source, Stream) else source.path
                video = opened.enter_context(open_video(place))
            except DataError as fault:
                self.failures.append(str(fault))
                return
            self.total = None if self.total is None or video.count is None else self.total + video.count
            film: Film | None = None
            if self.options.overlays:
                path = self.out / OVERLAYS / f"{source.name}{FILM_SUFFIX}"
                film = opened.enter_context(new_film(path, video.frames_per_s))
            items = VideoItems(video, source, self.options.stop)
            for outcome in in_order(self.search.plain if film is None else self.search.drawn, items, cores()):
                yield self._counted(outcome)
                if film is not None and outcome.drawn is not None:
                    film.add(outcome.drawn)
            if film is not None:
                film.close()
            self.failures += [fault for fault in (items.fault, "" if film is None else film.fault) if fault]

    def _counted(self, outcome: Outcome) -> Outcome:
        self.done += 1
        self.failures += [outcome.failure] * bool(outcome.failure)
        if outcome.found is not None:
            self.frames += 1
            self.detections += len(outcome.found)
        if outcome.judged is not None:
            hits = int(np.count_nonzero(outcome.judged.hit))
            for place, count in enumerate((hits, len(outcome.judged.missed), len(outcome.judged.hit) - hits)):
                self.judged[place] += count
        if self.progress is not None:
            self.progress(self.done, self.total)
        return outcome

    def detected(self) -> Detected:
        """Return the outcome of the run."""
        hits, misses, false_alarms = self.judged
        return Detected(
            frames=self.frames,
            detections=self.detections,
            failures=tuple(self.failures),
            table=self.out / TABLE,
            overlays=self.out / OVERLAYS if self.options.overlays else None,
            judged=None if self.options.truth is None else (hits, misses, false_alarms),
        )


@contextmanager
def _replaced(path: Path) -> Iterator[TextIO]:
    """Open a text file that replaces `path` when the block succeeds, and is removed when it does not."""
    # File names that are no UTF-8 go back to the bytes they have on disk.
    with new_file(path) as raw, TextIOWrapper(raw, "utf-8", "surrogateescape", newline="") as stream:
        yield stream
