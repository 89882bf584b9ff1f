"""The figures of `irstd compare` by kind: targets by size and local contrast, frames without a target."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from irstd.cli.progress import figure_table, say
from irstd.curation.audit.findings import counted
from irstd.errors import printable
from irstd.metrics import Score
from irstd.metrics.headline import FIGURES

_KINDS = ("by_size", "by_contrast", "target_free")


def kinds_json(score: Score) -> dict[str, Any]:
    """Return `by_size`, `by_contrast` and `target_free` of a score as plain values."""
    plain = score.to_dict()
    return {name: plain[name] for name in _KINDS}


def show_kinds(console: Console, scores: Mapping[str, Score]) -> None:
    """Print Pd of each model by class of targets, and its false alarms on frames without a target, if there are any."""
    say("Pd within 5 px at the operating thresholds, by size of the target and by its contrast to its surroundings")
    console.print(_classes(scores))
    console.print()
    frames = next(iter(scores.values())).target_free.frames
    if frames:
        say(f"false alarms on {counted(frames, 'frame')} without a target")
        console.print(_target_free(scores))
        console.print()


def _classes(scores: Mapping[str, Score]) -> Table:
    """Build a table with a row a model below a row of target counts; contrasts only if grey levels were given."""
    figures = {name: {**score.by_size, **score.by_contrast} for name, score in scores.items()}
    counts = {each: max(own[each].targets for own in figures.values()) for each in next(iter(figures.values()))}
    shown = [each for each, count in counts.items() if count or each in next(iter(scores.values())).by_size]
    table = figure_table("model", *(_title(each) for each in shown))
    table.add_row(Text("targets", "dim"), *(Text(str(counts[each]), "dim") for each in shown))
    for name, own in figures.items():
        table.add_row(Text(printable(name)), *(FIGURES["pd"].shown(own[each].pd) for each in shown))
    return table


def _target_free(scores: Mapping[str, Score]) -> Table:
    fa = FIGURES["fa_per_mpx"]
    table = figure_table("model", "false alarms", "frames with one", fa.heading)
    for name, score in scores.items():
        own = score.target_free
        table.add_row(Text(printable(name)), str(own.false_alarms), str(own.alarmed_frames), fa.shown(own.fa_per_mpx))
    return table


def _title(name: str) -> str:
    """`≤9 px` of `up_to_9_px`, `>8 σ` of `over_8_sigma`."""
    *_, limit, unit = name.split("_")
    return f"{'>' if name.startswith('over') else '≤'}{limit} {'σ' if unit == 'sigma' else unit}"
