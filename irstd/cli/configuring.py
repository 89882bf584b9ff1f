"""`irstd config`: every setting with its meaning, its range and the value that it has here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from irstd.cli.progress import say, table_console
from irstd.errors import UnknownNameError, printable
from irstd.project.environment import root_here
from irstd.settings.load import PARAMS
from irstd.settings.page import settings_page
from irstd.settings.reference import Setting, SettingsGroup, group_of, settings_reference
from irstd.settings.resolved import DEFAULT, ResolvedValue, resolve

_MODEL = "model"
_FAMILIES = {"fdep-HOST": "fdep-acm"}  # by one of its members, whose settings are those of all
Values = Mapping[str, Sequence[ResolvedValue]]


def show_config(section: str | None, *, as_json: bool) -> None:
    """Print a section of the settings, one setting, or all; in a project with the values that are in force.

    Args:
        section: `train`, `train.steps`, `model.DETECTOR`; None: all sections of params.yaml.
        as_json: print JSON instead of tables.

    Raises:
        UnknownNameError: no such section or setting.
        SettingsError: params.yaml or its profile is at fault.
    """
    groups = settings_reference() if section is None else _found(section)
    root = root_here()
    values: Values = {} if root is None else resolve(groups, root / PARAMS)
    if as_json:
        rows = [asdict(each) | _plain(each, values) for group in groups for each in group.settings]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console = table_console()
    for group in groups:
        say(f"{group.name or PARAMS}: {group.meaning}")
        console.print(_table(group, values))
        console.print()
    _say_more(section, root)


def print_page() -> None:
    """Print docs/settings.md: all sections, then the settings of each detector."""
    typer.echo(settings_page([*settings_reference(), *_detectors()]), nl=False)


def _found(section: str) -> list[SettingsGroup]:
    """Return the group of that name, or the settings whose dotted names begin with it, in their group."""
    kind, _, detector = section.partition(".")
    if kind == _MODEL and detector:
        return [_of_detector(detector, detector)]
    groups = settings_reference()
    kept = [replace(group, settings=[s for s in group.settings if _within(s.name, section)]) for group in groups]
    if not any(group.settings for group in kept):
        raise UnknownNameError(f"unknown section or setting '{section}': {_hint(section, groups)}")
    return [group for group in kept if group.settings]


def _within(name: str, section: str) -> bool:
    return name == section or name.startswith(f"{section}.")


def _hint(section: str, groups: Sequence[SettingsGroup]) -> str:
    """Return the closest name, else the settings of that name elsewhere, and all sections."""
    sections = [group.name for group in groups if group.name]
    names = [each.name for group in groups for each in group.settings]
    last = section.rpartition(".")[2]
    close = get_close_matches(section, [*sections, *names], n=1) or [
        name
        for short in get_close_matches(last, [n.rpartition(".")[2] for n in names], n=1)
        for name in names
        if name.endswith(f".{short}")
    ]
    meant = f"did you mean {close[0]}? " if close else ""
    return f"{meant}sections: {', '.join(sections)}, {_MODEL}.DETECTOR"


def _of_detector(detector: str, member: str) -> SettingsGroup:
    from irstd.models.registry import find_detector  # noqa: PLC0415 - torch takes seconds

    return group_of(find_detector(member).settings, f"{_MODEL}.{detector}", f"{_MODEL}.")


def _detectors() -> Iterator[SettingsGroup]:
    """Yield a group for each kind of detector's settings, called by all detectors that have these."""
    from irstd.models.registry import find_detector  # noqa: PLC0415 - torch takes seconds
    from irstd.models.table import DETECTORS  # noqa: PLC0415

    names = dict[type, list[str]]()
    for name, member in {**{each: each for each in DETECTORS}, **_FAMILIES}.items():
        names.setdefault(find_detector(member).settings, []).append(name)
    for kind, members in names.items():
        yield group_of(kind, f"{_MODEL}: {', '.join(members)}", f"{_MODEL}.")


def _plain(setting: Setting, values: Values) -> dict[str, list[dict[str, str]]]:
    """Return the values in force as plain data; none outside a project."""
    return {"values": [asdict(each) for each in values[setting.name]]} if values else {}


def _table(group: SettingsGroup, values: Values) -> Table:
    """Build a table with two lines a setting, and one more for each variant with a value of its own."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("setting", no_wrap=True)
    if values:
        table.add_column("value", overflow="fold", max_width=34)
        table.add_column("set by", overflow="fold")
    table.add_column("meaning, what is allowed, default", ratio=1)
    for each in group.settings:
        said = Text(each.meaning).append(f"\n{each.allowed}; {_default(each)}", "dim")
        name = each.name.removeprefix(f"{group.name}.") if group.name else each.name
        found = values.get(each.name, ())
        common = [_cells(value) for value in found if not value.variant] or [(Text(), Text())]
        table.add_row(Text(name, "bold"), *(common[0] if values else ()), said)
        for value in found:
            if value.variant:
                table.add_row(Text(f"  {printable(value.variant)}"), *_cells(value), "")
    return table


def _cells(value: ResolvedValue) -> tuple[Text, Text]:
    style = "dim" if value.source == DEFAULT else ""
    return Text(printable(value.value), style), Text(printable(value.source), style)


def _default(setting: Setting) -> str:
    return f"default {setting.default}" if setting.default else "must be given"


def _say_more(section: str | None, root: Path | None) -> None:
    if root is None:
        say("not inside a project, so no values are shown")
    if section is None:
        say(f"settings of a detector: irstd config {_MODEL}.DETECTOR, such as {_MODEL}.spire")
