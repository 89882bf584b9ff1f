"""`irstd data check`: the audit of a dataset as tables, pictures and JSON."""

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from irstd.cli.datasets import find_dataset, raw_home
from irstd.cli.faults import FAULT
from irstd.cli.progress import bar, from_here, say, table_console
from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.audit.contact_sheet import draw_contact_sheet
from irstd.curation.audit.findings import Finding, counted
from irstd.curation.audit.record import audit_json, write_audit
from irstd.curation.audit.statistics import Spread, Statistics
from irstd.errors import DataError, SettingsError, printable
from irstd.files import new_files
from irstd.frames import write_png
from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX
from irstd.project.environment import find_root, root_here

_NAMES = 4  # of a finding's frames are shown
_STYLES = {"error": "red", "warning": "yellow"}


def check_set(dataset: str, out: Path | None, *, as_json: bool) -> None:
    """Audit a dataset, write the findings to a folder, and show them; exit code 1 if there are errors.

    Raises:
        DataError: there is no such dataset, it holds no frame, or the folder lies in it or cannot be written to.
    """
    root = root_here() or Path()
    folder = find_dataset(dataset, raw_home())
    out = root / "reports" / "audit" / folder.resolve().name if out is None else out
    if out.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{out}: lies in the dataset, which is only read; give another folder with --out")
    with bar(f"checking {folder.resolve().name}") as progress:
        audit = check_dataset(folder, progress)
    with new_files(out) as new:
        write_audit(new, audit)
        write_png(new / "contact_sheet.png", draw_contact_sheet(audit))
    if as_json:
        typer.echo(audit_json(audit), nl=False)
    else:
        _show(audit, out)
    if audit.errors:
        raise typer.Exit(FAULT)


def _show(audit: Audit, out: Path) -> None:
    console = table_console()
    if audit.findings:
        console.print(_findings(audit.findings))
        console.print()
    console.print(_figures(audit.statistics))
    say(_pictures(audit))
    if audit.stored.origin_of_splits:
        say(f"splits: {audit.stored.origin_of_splits}")
    shrunk = _shrunk(audit)
    if shrunk:
        say(shrunk)
    say(f"{audit.name}: {audit.tally}; pictures in {from_here(out / 'contact_sheet.png')}, all names in audit.json")


def _findings(findings: Sequence[Finding]) -> Table:
    """Build a table with a row a finding, errors first."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for justify in ("left", "left", "right"):
        table.add_column(no_wrap=True, justify=justify)
    table.add_column()
    for finding in findings:
        style = _STYLES[finding.severity]
        what = Text(printable(finding.message))
        if finding.names:
            what.append(f"\n{_first(finding.names)}", style="dim")
        number = str(len(finding.names) or "")
        table.add_row(Text(finding.severity, style), Text(finding.rule, style), number, what)
    return table


def _first(names: Sequence[str]) -> str:
    more = len(names) - _NAMES
    return printable(", ".join(names[:_NAMES])) + (f" … and {more} more" if more > 0 else "")


def _figures(statistics: Statistics) -> Table:
    """Build a table with a row a split: frames, targets, frames without; median area and contrast, targets by class."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    by_size, by_contrast = (
        [*(f"≤{limit:g}" for limit in limits), f">{limits[-1]:g}"] for limits in (SIZE_LIMITS_PX, CONTRAST_LIMITS)
    )
    table.add_column("split")
    for header in ("frames", "targets", "no target", "median px", *by_size, "median σ", *by_contrast):
        table.add_column(header, justify="right")
    for split, own in statistics.splits.items():
        counts = (own.frames, own.targets, own.frames_without_target)
        areas = (_median(own.area_px), *own.area_px.classes.values())
        contrasts = (_median(own.contrast_sigma), *own.contrast_sigma.classes.values())
        table.add_row(split, *map(str, (*counts, *areas, *contrasts)))
    return table


def _median(spread: Spread) -> str:
    return "-" if spread.median is None else f"{spread.median:.3g}"


def _pictures(audit: Audit) -> str:
    """Describe the frames in a line."""
    images = [facts.image for facts in audit.frames.values() if facts.image is not None]
    if not images:
        return "no frame can be read"
    heights, widths = zip(*(image.size for image in images), strict=True)
    size = f"{_span(widths)} × {_span(heights)} px"
    channels, bits = (" or ".join(counts) for counts in (audit.statistics.channels, audit.statistics.bits))
    channel = "channel" if channels == "1" else "channels"
    return f"{counted(len(audit.frames), 'frame')}, {size}, {channels} {channel}, {bits} bit"


def _shrunk(audit: Audit) -> str | None:
    """Say how far a detector with the project's square input shrinks the frames; None outside a project."""
    from irstd.inference.shrinking import shrink_line  # noqa: PLC0415
    from irstd.settings.load import PARAMS, load_settings  # noqa: PLC0415 - pydantic takes a while

    try:
        side = load_settings(find_root() / PARAMS).labels.size
    except SettingsError:
        return None
    line = shrink_line((facts.image.size for facts in audit.frames.values() if facts.image is not None), side)
    return line and f"for detectors with a square input (labels.size: {side}): {line}"


def _span(lengths: Sequence[int]) -> str:
    low, high = min(lengths), max(lengths)
    return str(low) if low == high else f"{low} to {high}"
