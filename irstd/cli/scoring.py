"""`irstd score`: anyone's predictions against a truth."""

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from irstd.cli.progress import bar, printable, say, table_console
from irstd.errors import DataError, ScoreError, SettingsError
from irstd.evaluation.external import open_truth, result_json, score_detections, score_responses
from irstd.metrics import Score
from irstd.metrics.figures import ClassFigures, PixelFigures, TargetFigures, TargetFreeFigures
from irstd.project.environment import find_root

_HOMES = ("raw", "prepared")


@dataclass(frozen=True)
class Asked:
    """What a user wants scored: responses or detections, one of the two.

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
    """Score predictions and print what came of it.

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
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"note: {printable(note)}", markup=False)
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
    """Tables of the score, its parts and the headline figures."""
    console = table_console()
    say(f"HSE {_shown(score.hse, 2)}  ({score.definition}; 100 is best{_reach(ceiling)})")
    for table in (_parts(score), _pixels(score.at_operating), _targets(score), _sizes(score.by_size)):
        say("")
        console.print(table)
    say("")
    if score.target_free.frames:
        say(_target_free(score.target_free))
    say(_scored(score))


def _reach(ceiling: Score | None) -> str:
    """What the true points would get, where points were scored."""
    return "" if ceiling is None else f"; the true points get {_shown(ceiling.hse, 2)}"


def _parts(score: Score) -> Table:
    table = _table("integral", "pixel", "A_IoU", "A_nIoU", "target")
    table.add_row("", *(_shown(value) for value in (score.pixel, score.a_iou, score.a_niou, score.target)))
    return table


def _pixels(figures: PixelFigures) -> Table:
    table = _table("pixels", "IoU", "nIoU", "precision", "recall", "F1")
    values = (figures.iou, figures.niou, figures.precision, figures.recall, figures.f1)
    table.add_row("", *(_shown(value) for value in values))
    return table


def _targets(score: Score) -> Table:
    """A row a matching distance; the recall of targets is Pd."""
    table = _table("targets", "TP", "FP", "FN", "precision", "Pd", "F1", "Fa·1e-6")
    for name, figures in (("within 3 px", score.at_3px), ("within 5 px", score.at_5px)):
        table.add_row(name, *_row(figures))
    return table


def _row(figures: TargetFigures) -> list[str]:
    counts = [str(count) for count in (figures.tp, figures.fp, figures.fn)]
    shares = [_shown(share) for share in (figures.precision, figures.recall, figures.f1)]
    return [*counts, *shares, _shown(figures.fa_per_mpx, 2)]


def _sizes(classes: dict[str, ClassFigures]) -> Table:
    table = _table("by size, within 5 px", "targets", "detected", "Pd")
    for name, own in classes.items():
        table.add_row(name.replace("_", " "), str(own.targets), str(own.detected), _shown(own.pd))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _target_free(figures: TargetFreeFigures) -> str:
    alarms = f"{figures.false_alarms} false alarm{'' if figures.false_alarms == 1 else 's'}"
    return f"without a target: {figures.frames}, with {alarms} in {figures.alarmed_frames} of them"


def _scored(score: Score) -> str:
    frames = f"{score.frames} frame{'' if score.frames == 1 else 's'}"
    targets = f"{score.targets} target{'' if score.targets == 1 else 's'} in {score.target_frames} of them"
    return f"{frames}, {targets}; pixels, targets and sizes at threshold {score.operating_threshold:g}"


def _shown(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
