"""Predictions of others scored by hse-1, frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from irstd.datasets.sample import Sample
from irstd.errors import ScoreError
from irstd.evaluation.ceiling import points_found, true_points_found
from irstd.evaluation.external.names import match_names
from irstd.evaluation.external.responses import RESPONSE_SUFFIXES, find_responses, read_response
from irstd.evaluation.external.table import read_table
from irstd.evaluation.external.truth import Truth
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
    holder, files, soft, highest = HSE(threshold), find_responses(folder), 0, 0.0
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
        soft, highest = soft + label.soft, max(highest, float(response.max(initial=0)))
        if progress is not None:
            progress(done, len(truth.masks))
    notes = _notes(truth, matched.beyond, soft)
    if 0 < highest <= _FAINTEST:
        notes.append("no response is above 1 of 255; masks of 0 and 1 need 255 (or bool arrays), else they are blank")
    return Outcome(holder, tuple(notes))


def score_detections(table: Path, truth: Truth, threshold: float = HALF, progress: Progress | None = None) -> Outcome:
    """Score the points in a CSV; they become a response by the step from points to pixels (docs/hse.md).

    The integral takes all detections from 0.1 up, the headline those of `threshold` or more. A frame without rows has
    no detections.

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
        counted = points_found(sample, found.reaching(TARGET_CONFIDENCES[0]))
        holder.add(replace(counted, operating=found.reaching(threshold)))
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
