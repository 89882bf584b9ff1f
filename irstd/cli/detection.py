"""`irstd detect`: a registered model or a bundle on a user's frames."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import cv2
import typer

from irstd.cli.faults import FAULT, say_error
from irstd.cli.model_choice import default_model, model_files
from irstd.cli.operating_point import OperatingWish, operated
from irstd.cli.progress import bar, say, warn
from irstd.errors import shortened
from irstd.export import OnnxDetector, is_onnx, load_onnx, load_quick
from irstd.frames import Frame
from irstd.inference import Detected, DetectOptions, detect_frames, find_sources
from irstd.inference.find import Stream
from irstd.inference.shrinking import shrink_line
from irstd.inference.truth import TrueTargets
from irstd.labels.detections import Detections

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector


@dataclass(frozen=True)
class DetectWish:
    """Options of `irstd detect` beside the operating point.

    Attributes:
        overlays: draw pictures and annotated videos.
        truth: a CSV of the true targets; None: unknown.
    """

    overlays: bool = True
    truth: Path | None = None


def detect_in(paths: list[str], model: str | None, out: Path, wish: OperatingWish, more: DetectWish) -> None:
    """Detect targets in the frames of `paths`; exit code 1 after a line for each frame that failed.

    Args:
        paths: files, folders, patterns and addresses of streams.
        model: of the registry, `pretrained`, a bundle's folder or an ONNX file; None: the champion, without one
            `pretrained`.
        out: folder of the table and the pictures.
        wish: the operating point; without one by the model's operating rules.
        more: what else is wanted.

    Raises:
        DataError: there are no frames, `out` cannot be written to, or the true targets cannot be read.
        ModelError: the bundle cannot be used, or not be operated so.
        RegistryError: the registry or the model in it is not there.
    """
    given = find_sources(paths, out)
    truth = None if more.truth is None else TrueTargets(more.truth)
    model = model or default_model()
    loaded, how = _operated(model, wish)
    cv2.setNumThreads(1)  # a thread a frame (`irstd.inference.workers`), as `load_quick` has it of torch
    sizes, counting = Counter[tuple[int, int]](), Lock()

    def find(frame: Frame) -> Detections:
        with counting:
            sizes[frame.shape[0], frame.shape[1]] += 1
        return loaded(frame)

    live = any(isinstance(source, Stream) for source in given.sources)
    with bar("searching", "frames") as progress, _stopped_by_keyboard(live) as stop:
        options = DetectOptions(more.overlays, truth, stop)
        done = detect_frames(find, given.sources, out, progress, options)
    for failure in done.failures:
        say_error(failure)
    if given.skipped:
        warn(f"skipped {_few([path.name for path in given.skipped])}, no images or videos by their names")
    if truth is not None and truth.unused():
        warn(f"{more.truth}: has targets of frames that were not searched: {_few(truth.unused())}")
    _sum_up(done, f"model {model}, {loaded.bundle.detector}, {how}")
    shrunk = shrink_line(sizes.elements(), loaded.detector.input.size)
    if shrunk is not None:
        say(f"note: {shrunk}")
    if done.failures:
        raise typer.Exit(FAULT)


def _operated(model: str, wish: OperatingWish) -> tuple["LoadedDetector | OnnxDetector", str]:
    """Load an ONNX file or a bundle, in the fastest way there is; return it as `operated` does."""
    loaded: Any = load_onnx(Path(model)) if is_onnx(model) else load_quick(model_files(model), model)
    found: tuple[LoadedDetector | OnnxDetector, str] = operated(loaded, wish, model)
    return found


@contextmanager
def _stopped_by_keyboard(live: bool) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether to end a stream: after the first Ctrl-C or SIGTERM, if it is `live`."""
    asked = list[int]()

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)} if live else {}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _few(names: Sequence[object]) -> str:
    shown = ", ".join(shortened(name) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _sum_up(done: Detected, how: str) -> None:
    frames = f"{done.frames} frame{'' if done.frames == 1 else 's'}"
    detections = f"{done.detections} detection{'' if done.detections == 1 else 's'}"
    pictures = "" if done.overlays is None else f", pictures in {done.overlays}"
    say(f"{frames}, {detections}: {done.table}{pictures} ({how})")
    if done.judged is not None:
        hits, misses, false_alarms = done.judged
        say(f"of {hits + misses} true targets {hits} are hit within 5 px; {false_alarms} false alarms")
