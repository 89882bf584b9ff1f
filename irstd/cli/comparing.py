"""`irstd compare`: models on the same frames, from the stored counts of their evaluations."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from irstd.cli.fits import find_fits, is_pattern, short_pattern
from irstd.cli.kinds import kinds_json, show_kinds
from irstd.cli.progress import figure_table, say, table_console, warn
from irstd.comparison.compare import Comparison, Estimate, compare_fits, pooled_score
from irstd.comparison.stored import COUNTS_FILE, read_counts
from irstd.curation.audit.findings import counted
from irstd.errors import DataError, ScoreError, printable
from irstd.metrics.frame import FrameCounts
from irstd.metrics.headline import BRIEF, FITS, Figure
from irstd.metrics.interval import UNDEFINED

_ANY_WIDTH = 10_000


def compare_models(paths: Sequence[Path], split: str, seed: int, frames: int, *, as_json: bool) -> None:
    """Read the counts at `paths`, compare the others with the first, show it and the `frames` that changed most.

    Raises:
        DataError: there are no counts, they cannot be read, or they lack the split.
        ScoreError: the frames or their truth differ, or the fits of patterns do.
    """
    models = _read(paths, split)
    found = compare_fits(models, seed)
    scores = {name: pooled_score(*fits.values()) for name, fits in models.items() if len(fits) == 1}
    for name, fits in models.items():
        if any(frame.counts.ranked is None for part in fits.values() for frame in part):
            warn(f"{name}: its counts carry hse-1 only; evaluate it again for hse-2")
    if as_json:
        plain = {"split": split, **found.to_dict()}
        plain["models"] = [
            model | (kinds_json(scores[model["name"]]) if model["name"] in scores else {}) for model in plain["models"]
        ]
        typer.echo(json.dumps(plain, indent=2, allow_nan=False))
        return
    console, single = table_console(), len(scores) == len(models)
    _show(console, found, split, BRIEF if single else FITS)
    if single:
        show_kinds(console, scores)
        _show_changed(console, found, frames)
    say(_resampled(found))


def _read(paths: Sequence[Path], split: str) -> dict[str, dict[str, list[FrameCounts]]]:
    """The counts of each model by fit under a short name; under its path where two have the same one."""
    short = [_short(path) for path in paths]
    names = [str(path) if short.count(name) > 1 else name for path, name in zip(paths, short, strict=True)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScoreError(f"{twice}: given twice; give each model once")
    return {
        name: {fit: _counts(place, split) for fit, place in find_fits(path).items()}
        for name, path in zip(names, paths, strict=True)
    }


def _short(path: Path) -> str:
    if is_pattern(path):
        return short_pattern(path)
    whole = path.resolve()
    return whole.parent.name if whole.name == COUNTS_FILE else whole.name if whole.is_dir() else whole.stem


def _counts(path: Path, split: str) -> list[FrameCounts]:
    file = path / COUNTS_FILE if path.is_dir() else path
    if not file.exists():
        what = f"holds no {COUNTS_FILE}" if path.is_dir() else "no such file or folder"
        raise DataError(f"{path}: {what}; give a file of counts, or the folder of an evaluation that holds one")
    splits = read_counts(file)
    if split not in splits:
        raise DataError(f"{file}: holds no split {split}; choose with --split among {', '.join(splits)}")
    return splits[split]


def _show(console: Console, found: Comparison, split: str, figures: Sequence[Figure]) -> None:
    first, others = found.models[0], found.models[1:]
    headings = [figure.heading for figure in figures]
    say(f"{split}: {counted(found.frames, 'frame')}, {counted(found.targets, 'target')}; {found.definition}")

    def own(gap: str) -> Table:
        table = figure_table("model", "threshold", *headings)
        for model in found.models:
            threshold = UNDEFINED if model.operating_threshold is None else f"{model.operating_threshold:g}"
            table.add_row(Text(printable(model.name)), threshold, *_cells(figures, model.figures, gap))
        return table

    def more(gap: str) -> Table:
        table = figure_table("model", *headings)
        for model in others:
            table.add_row(Text(printable(model.name)), *_cells(figures, model.differences, gap, signed=True))
        return table

    for model in found.models:
        if model.fits:
            say(f"{printable(model.name)}: mean of {len(model.fits)} fits, {printable(', '.join(model.fits))}")
    _print_fitting(console, own)
    console.print()
    say(f"differences to {printable(first.name)}, paired; * where 0 lies outside the interval")
    _print_fitting(console, more)
    console.print()


def _print_fitting(console: Console, build: Callable[[str], Table]) -> None:
    """Print the table with intervals beside their figures, or below them where the console is too narrow for that."""
    beside = build(" ")
    needed = console.measure(beside, options=console.options.update(width=_ANY_WIDTH)).maximum
    console.print(beside if needed <= console.width else build("\n"))


def _resampled(found: Comparison) -> str:
    again = f", {found.redrawn} drawn again without a target" if found.redrawn else ""
    drawn = "fits and frames together" if any(model.fits for model in found.models) else "the frames"
    how = f"percentiles of {found.resamples} resamples of {drawn}, seed {found.seed}"
    return f"[{found.level:.0%} intervals]: {how}{again}"


def _show_changed(console: Console, found: Comparison, frames: int) -> None:
    changed = found.changed[:frames]
    title = f"{len(found.changed)} of {counted(found.frames, 'frame')} changed at the operating thresholds"
    if not changed:
        say(title)
        return
    most = "" if len(changed) == len(found.changed) else f", the {len(changed)} that changed most"
    say(f"{title}{most}: hits/false alarms/misses")
    table = figure_table("frame")
    for model in found.models:
        table.add_column(Text(printable(model.name)), justify="right")
    for rows in changed:
        table.add_row(Text(printable(rows[0].name)), *(f"{row.tp}/{row.fp}/{row.fn}" for row in rows))
    console.print(table)


def _cells(shown: Sequence[Figure], figures: Mapping[str, Estimate], gap: str, *, signed: bool = False) -> list[Text]:
    """The figures with their intervals; differences with their signs, and a star where 0 lies outside."""
    cells = []
    for figure in shown:
        each = figures[figure.id]
        star = "" if not signed or each.interval is None else "*" if each.decided else " "
        text = figure.with_interval(each.value, each.interval, gap=gap, signed=signed)
        cells.append(Text(f"{text}{star}", "bold" if star == "*" else ""))
    return cells
