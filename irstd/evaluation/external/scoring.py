"""Predictions of others scored by hse-1 and hse-2, frame by frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.errors import ScoreError, shortened
from irstd.evaluation.ceiling import points_found, true_points_found
from irstd.evaluation.external.names import match_names
from irstd.evaluation.external.responses import RESPONSE_SUFFIXES, find_responses, read_response
from irstd.evaluation.external.table import read_table
from irstd.evaluation.external.truth import Truth
from irstd.frames import is_soft
from irstd.labels.decode import MOST_PEAKS
from irstd.labels.detections import Detections
from irstd.metrics import HSE
from irstd.metrics.thresholds import HALF, TARGET_CONFIDENCES

Progress = Callable[[int, int], None]

_FAINTEST = float(np.float32(1) / np.float32(255))


@dataclass(frozen=True)
class Outcome:
    """The score of a set of predictions.

    Attributes:
        holder: the score and one row a frame.
        notes: warnings for a person, a line each.
        ceiling: of point models on the same frames; None for responses, which have none.
    """

    holder: HSE
    notes: tuple[str, ...]
    ceiling: HSE | None = None


class _Ranges:
    """The ranges of the responses in a folder: masks of 0 and 1 are blank where 255 is full.

    A faint response may be meant so beside soft ones, and cannot be beside masks of 0 and 255.
    """

    def __init__(self) -> None:
        self._faint, self._missed = list[str](), list[str]()
        self._bright = self._soft = 0

    def add(self, name: str, response: NDArray[np.float32], *, has_target: bool) -> None:
        highest = float(response.max(initial=0))
        if 0 < highest <= _FAINTEST:
            self._faint.append(name)
            self._missed += [name] if has_target else []
        self._bright += highest > _FAINTEST
        self._soft += is_soft(response) or _FAINTEST < highest < 1

    def notes(self, folder: Path) -> list[str]:
        """Return what a person should know.

        Raises:
            ScoreError: masks of 0 and 1 lie beside masks of 0 and 255.
        """
        if not self._faint:
            return []
        if not self._bright:
            return ["no response is above 1 of 255; masks of 0 and 1 need 255 (or bool arrays), else they are blank"]
        if not self._soft:
            raise ScoreError(
                f"{folder}: {len(self._faint)} masks of 0 and 1, such as {_some(self._faint)}, beside {self._bright} "
                "with higher levels; they would be blank: write 255 for 1 (65535 in 16 bit)"
            )
        if not self._missed:
            return []
        return [
            f"{len(self._missed)} responses on targets are nowhere above 1 of 255, such as {_some(self._missed)}; "
            "masks of 0 and 1 need 255, else they are blank"
        ]


def _some(names: Sequence[str]) -> str:
    return shortened(", ".join(names[:3]), 90)


def score_responses(folder: Path, truth: Truth, threshold: float = HALF, progress: Progress | None = None) -> Outcome:
    """Score the responses in `folder`, one file a frame; a target is a component of its response.

    Args:
        folder: of images or arrays, as `read_response` reads them; predictions beyond the split are not read.
        truth: their truth.
        threshold: for the headline figures.
        progress: called with (done, all) after each frame.

    Raises:
        DataError: a file cannot be read, or a mask and its picture differ in size.
        ScoreError: a frame has no response, a response no frame, or one cannot be scored.
    """
    holder, files, soft, ranges = HSE(threshold), find_responses(folder), 0, _Ranges()
    matched = match_names(f"{folder}", files, truth.masks, truth.beyond)
    missing = [name for name in truth.masks if name not in matched.given]
    if missing:
        raise ScoreError(
            f"{folder}: no response for frame '{missing[0]}' ({len(missing)} of {len(truth.masks)} missing of "
            f"{truth.where}); looked for {', '.join(RESPONSE_SUFFIXES)}; where nothing is found it is blank"
        )
    for done, name in enumerate(truth.masks, start=1):
        label = truth.read(name)
        response = read_response(files[matched.given[name]], label.mask.shape)
        holder.update(response, label.mask, frame=label.frame, name=name)
        soft += label.soft
        ranges.add(matched.given[name], response, has_target=bool(label.mask.any()))
        if progress is not None:
            progress(done, len(truth.masks))
    return Outcome(holder, (*_notes(truth, matched.beyond, soft), *ranges.notes(folder)))


def score_detections(table: Path, truth: Truth, threshold: float = HALF, progress: Progress | None = None) -> Outcome:
    """Score the points in a CSV; they become a response by the step from points to pixels (docs/hse.md).

    hse-1 takes all detections from 0.1 up, hse-2 the 64 strongest of a frame, the headline those of `threshold` or
    more. A frame without rows has no detections.

    Args:
        table: columns frame, x, y, score; rows beyond the split are not scored.
        truth: their truth; it must have the pictures of its frames.
        threshold: for the headline figures.
        progress: called with (done, all) after each frame.

    Raises:
        DataError: a file cannot be read, a frame has no picture, or a mask and its picture differ in size.
        ScoreError: the table cannot be used, names an unknown frame, or a point lies far outside its frame.
    """
    holder, perfect, rows, soft = HSE(threshold), HSE(), read_table(table), 0
    matched = match_names(f"{table}", rows, truth.masks, truth.beyond)
    truth.check_images()
    for done, name in enumerate(truth.masks, start=1):
        label, found = truth.read(name), Detections.none()
        if name in matched.given:
            own = rows[matched.given[name]]
            own.check_inside(label.mask.shape, f"{table}")
            found = own.found
        if label.frame is None:
            raise ScoreError(f"{name}: has no picture; points become a response by its grey levels")
        sample = Sample(name, label.frame, label.points, label.mask)
        counted, peaks = points_found(sample, found.reaching(TARGET_CONFIDENCES[0])), found.strongest(MOST_PEAKS)
        ranked = replace(counted, peaks=peaks, peaks_response=points_found(sample, peaks).response)
        holder.add(replace(ranked, operating=found.reaching(threshold)))
        perfect.add(true_points_found(sample))
        soft += label.soft
        if progress is not None:
            progress(done, len(truth.masks))
    notes = _notes(truth, matched.beyond, soft)
    lowest = min((float(each.found.scores.min()) for each in rows.values()), default=0.0)
    if lowest >= TARGET_CONFIDENCES[1]:
        notes.append(f"no detection scores below {lowest:.3g}; if they were cut there, HSE misses those from 0.1 up")
    return Outcome(holder, tuple(notes), perfect)


def _notes(truth: Truth, beyond: int, soft: int) -> list[str]:
    notes = []
    if beyond:
        notes.append(f"frames with predictions outside {truth.where}, not scored: {beyond}")
    if soft:
        notes.append(f"masks with more levels than two: {soft}; any nonzero pixel is target")
    return notes
