"""What `irstd compare` says of kinds of targets and of frames: by size, by local contrast, without a target."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from irstd.cli.progress import printable, say
from irstd.metrics import Score
from irstd.metrics.figures import ClassFigures

_KINDS = ("by_size", "by_contrast", "target_free")
_UNDEFINED = "–"


def kinds_json(score: Score) -> dict[str, Any]:
    """`by_size`, `by_contrast` and `target_free` of a score, as its own dict has them."""
    plain = score.to_dict()
    return {name: plain[name] for name in _KINDS}


def show_kinds(console: Console, scores: Mapping[str, Score]) -> None:
    """Print Pd of each model by class of targets, and its false alarms on frames without any, where there are such."""
    say("Pd within 5 px at the operating thresholds, by size of the target and by its contrast to its surroundings")
    console.print(_classes(scores))
    console.print()
    frames = next(iter(scores.values())).target_free.frames
    if frames:
        say(f"false alarms on {frames} frame{'' if frames == 1 else 's'} without a target")
        console.print(_target_free(scores))
        console.print()


def _classes(scores: Mapping[str, Score]) -> Table:
    """A row a model, under one that counts the targets; contrasts where grey levels were given to any model."""
    figures = {name: _figures(score) for name, score in scores.items()}
    counts = {each: max(own[each].targets for own in figures.values()) for each in next(iter(figures.values()))}
    shown = [each for each, count in counts.items() if count or each in next(iter(scores.values())).by_size]
    table = _table(*(_title(each) for each in shown))
    table.add_row(Text("targets", "dim"), *(Text(str(counts[each]), "dim") for each in shown))
    for name, own in figures.items():
        table.add_row(Text(printable(name)), *(_share(own[each].pd) for each in shown))
    return table


def _figures(score: Score) -> dict[str, ClassFigures]:
    return {**score.by_size, **score.by_contrast}


def _target_free(scores: Mapping[str, Score]) -> Table:
    table = _table("false alarms", "frames with one", "Fa (px/Mpx)")
    for name, score in scores.items():
        own = score.target_free
        fa = _UNDEFINED if own.fa_per_mpx is None else f"{own.fa_per_mpx:.1f}"
        table.add_row(Text(printable(name)), str(own.false_alarms), str(own.alarmed_frames), fa)
    return table


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("model", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _title(name: str) -> str:
    """`≤9 px` of `up_to_9_px`, `>8 σ` of `over_8_sigma`."""
    *_, limit, unit = name.split("_")
    return f"{'>' if name.startswith('over') else '≤'}{limit} {'σ' if unit == 'sigma' else unit}"


def _share(value: float | None) -> str:
    return _UNDEFINED if value is None else f"{value:.3f}"
