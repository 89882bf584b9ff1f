"""`irstd score`: anyone's predictions against a truth."""

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.table import Table

from irstd.cli.figure_tables import figure_table, many
from irstd.cli.progress import bar, say, table_console, warn
from irstd.errors import DataError, ScoreError, SettingsError
from irstd.evaluation.external import open_truth, result_json, score_detections, score_responses
from irstd.metrics import Score
from irstd.metrics.figures import ClassFigures
from irstd.metrics.headline import FIGURES, HEADLINE, headline
from irstd.metrics.interval import number
from irstd.metrics.ranked_figures import DEFINITION_2
from irstd.project.environment import find_root

_HOMES = ("raw", "prepared")


@dataclass(frozen=True)
class Asked:
    """The predictions to score, responses or detections, and their truth.

    Attributes:
        responses: a folder, one file a frame.
        detections: a CSV.
        truth: a dataset of the project by name, or a folder.
        split: of a dataset; None: test where there are splits.
        images: the pictures of frames whose masks come without.
        threshold: for the headline figures.
    """

    responses: Path | None
    detections: Path | None
    truth: str
    split: str | None
    images: Path | None
    threshold: float


def show_score(asked: Asked, *, as_json: bool) -> None:
    """Score predictions and print the score.

    Raises:
        DataError: there is no such truth, or a file cannot be read.
        ScoreError: the predictions cannot be scored.
        UnknownNameError: no such split.
    """
    truth = open_truth(_find(asked.truth), asked.split, asked.images)
    with bar(f"scoring {len(truth.masks)} frames") as progress:
        if asked.responses is not None:
            outcome = score_responses(asked.responses, truth, asked.threshold, progress)
        elif asked.detections is not None:
            outcome = score_detections(asked.detections, truth, asked.threshold, progress)
        else:
            raise ScoreError("nothing to score; give responses or detections")
    for note in outcome.notes:
        warn(note)
    score = outcome.holder.compute()
    ceiling = None if outcome.ceiling is None else outcome.ceiling.compute()
    if as_json:
        typer.echo(result_json(score, ceiling))
    else:
        _show(score, ceiling)


def _find(truth: str) -> Path:
    if Path(truth).name == truth:
        try:
            home = find_root() / "data"
        except SettingsError:
            home = None
        named = [home / kind / truth for kind in _HOMES if (home / kind / truth).is_dir()] if home else []
        if named:
            return named[0]
    if Path(truth).is_dir():
        return Path(truth)
    raise DataError(f"{truth}: no such truth; give a dataset of the project by name, its folder, or a folder of masks")


def _show(score: Score, ceiling: Score | None) -> None:
    """Print tables of the headline figures and their parts."""
    console = table_console()
    limit, limit_2 = ("" if ceiling is None else f"; ceiling {number(each, 2)}" for each in _both(ceiling))
    by_rank = f"HSE-2 {number(score.hse_2, 2)}  ({DEFINITION_2}{limit_2})"
    say(f"HSE {number(score.hse, 2)}  ({score.definition}; 100 is best{limit})   {by_rank}")
    for table in (_headline(score), _pixels(score), _targets(score), _sizes(score.by_size)):
        say("")
        console.print(table)
    say("")
    free = score.target_free
    if free.frames:
        alarms = many(free.false_alarms, "false alarm")
        say(f"without a target: {free.frames}, with {alarms} in {free.alarmed_frames} of them")
    targets = f"{many(score.targets, 'target')} in {score.target_frames} of them"
    frames = many(score.frames, "frame")
    say(f"{frames}, {targets}; pixels, targets and sizes at threshold {score.operating_threshold:g}")


def _both(score: Score | None) -> tuple[float | None, float | None]:
    return (None, None) if score is None else (score.hse, score.hse_2)


def _headline(score: Score) -> Table:
    table = figure_table("headline", *(figure.heading for figure in HEADLINE))
    table.add_row("", *(FIGURES[name].shown(value) for name, value in headline(score).items()))
    return table


def _pixels(score: Score) -> Table:
    own = score.at_operating
    table = figure_table("pixels", "A_IoU", "A_nIoU", "IoU", "nIoU", "precision", "recall", "F1")
    values = (score.a_iou, score.a_niou, own.iou, own.niou, own.precision, own.recall, own.f1)
    table.add_row("", *(number(value, 4) for value in values))
    return table


def _targets(score: Score) -> Table:
    """A row for each matching distance."""
    shown = [FIGURES[name] for name in ("precision", "pd", "f1", "fa_per_mpx")]
    table = figure_table("targets", "TP", "FP", "FN", *(figure.heading for figure in shown))
    for name, own in (("within 3 px", score.at_3px), ("within 5 px", score.at_5px)):
        counts = [str(count) for count in (own.tp, own.fp, own.fn)]
        shares = [number(share, 4) for share in (own.precision, own.recall, own.f1)]
        table.add_row(name, *counts, *shares, number(own.fa_per_mpx, 2))
    return table


def _sizes(classes: dict[str, ClassFigures]) -> Table:
    table = figure_table("by size, within 5 px", "targets", "detected", "Pd")
    for name, own in classes.items():
        table.add_row(name.replace("_", " "), str(own.targets), str(own.detected), number(own.pd, 4))
    return table
