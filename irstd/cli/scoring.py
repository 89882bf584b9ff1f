"""`irstd score`: anyone's predictions against a truth."""

from pathlib import Path

import typer
from rich.table import Table

from irstd.cli.progress import bar, figure_table, say, table_console, warn
from irstd.curation.audit.findings import counted
from irstd.errors import DataError
from irstd.evaluation.external import open_truth, result_json, score_detections, score_responses
from irstd.metrics import Score
from irstd.metrics.figures import ClassFigures
from irstd.metrics.headline import FIGURES, HEADLINE, headline
from irstd.metrics.interval import number
from irstd.metrics.ranked_figures import DEFINITION_2
from irstd.project.environment import root_here

_HOMES = ("raw", "prepared")


def show_score(  # noqa: PLR0913 - the command's options
    predictions: Path,
    truth: str,
    split: str | None,
    images: Path | None,
    threshold: float,
    *,
    points: bool,
    as_json: bool,
) -> None:
    """Score predictions and print the score.

    Args:
        predictions: a folder of responses, one file a frame, or a CSV of detections.
        truth: a dataset of the project by name, or a folder.
        split: of a dataset; None: test where there are splits.
        images: the pictures of frames whose masks come without.
        threshold: for the headline figures.
        points: the predictions are detections.
        as_json: print JSON instead of tables.

    Raises:
        DataError: there is no such truth, or a file cannot be read.
        ScoreError: the predictions cannot be scored.
        UnknownNameError: no such split.
    """
    known = open_truth(_find(truth), split, images)
    with bar(f"scoring {len(known.masks)} frames") as progress:
        outcome = (score_detections if points else score_responses)(predictions, known, threshold, progress)
    for note in outcome.notes:
        warn(note)
    score = outcome.holder.compute()
    ceiling = None if outcome.ceiling is None else outcome.ceiling.compute()
    if as_json:
        typer.echo(result_json(score, ceiling))
    else:
        _show(score, ceiling)


def _find(truth: str) -> Path:
    root = root_here() if Path(truth).name == truth else None
    named = [root / "data" / kind / truth for kind in _HOMES] if root else []
    for folder in (*named, Path(truth)):
        if folder.is_dir():
            return folder
    raise DataError(f"{truth}: no such truth; give a dataset of the project by name, its folder, or a folder of masks")


def _show(score: Score, ceiling: Score | None) -> None:
    """Print tables of the headline figures and their parts."""
    console = table_console()
    limits = (ceiling.hse, ceiling.hse_2) if ceiling else ()
    limit, limit_2 = [f"; ceiling {number(each, 2)}" for each in limits] or ("", "")
    by_rank = f"HSE-2 {number(score.hse_2, 2)}  ({DEFINITION_2}{limit_2})"
    say(f"HSE {number(score.hse, 2)}  ({score.definition}; 100 is best{limit})   {by_rank}")
    for table in (_headline(score), _pixels(score), _targets(score), _sizes(score.by_size)):
        say("")
        console.print(table)
    say("")
    free = score.target_free
    if free.frames:
        alarms = counted(free.false_alarms, "false alarm")
        say(f"without a target: {free.frames}, with {alarms} in {free.alarmed_frames} of them")
    targets = f"{counted(score.targets, 'target')} in {score.target_frames} of them"
    frames = counted(score.frames, "frame")
    say(f"{frames}, {targets}; pixels, targets and sizes at threshold {score.operating_threshold:g}")


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
