"""`irstd models promote`, `rollback` and `history`: manual changes of the champion, and the history."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from irstd.cli.progress import say, table_console
from irstd.errors import RegistryError, SettingsError, printable
from irstd.project.environment import find_root, prepare_environment
from irstd.project.instructions import use_instructions

if TYPE_CHECKING:
    from irstd.promotion.champions import RegistryState
    from irstd.promotion.history import Entry

_NO_REASON = "no reason given"


def register_commands(models: typer.Typer) -> None:
    """Put the commands on `irstd models`."""
    models.command("promote")(promote)
    models.command("rollback")(rollback)
    models.command("history")(history)


def promote(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The number of a registered version.")],
    override: Annotated[
        str | None, typer.Option(metavar="REASON", help="Make it champion although the gate refuses, for this reason.")
    ] = None,
) -> None:
    """Make a version champion, if it passes the gate today.

    It is scored beside the champion on the validation split, under the same
    rules as in `python -m pipelines.promote`. A version that was rolled back
    becomes champion again only this way. A version that does not load never
    becomes champion.
    """
    root = _registry()
    if root is None:
        raise RegistryError("promote needs the project whose validation split decides; go to its folder")
    from irstd.settings.load import PARAMS, load_settings  # noqa: PLC0415 - pydantic takes a while

    settings = load_settings(root / PARAMS)
    use_instructions(settings.train.instructions, os.environ)  # before NumPy and torch, as in `pipelines.promote`
    from irstd.promotion.by_hand import promote_version  # noqa: PLC0415 - torch and MLflow take seconds

    os.chdir(root)  # as every stage does: the pipeline's paths are relative to the project
    outcome = promote_version(settings, version, override, lambda line: say(f"promote: {line}"))
    (verdict,) = outcome.verdicts
    if not outcome.changed:
        raise RegistryError(f"version {version} is not promoted: {verdict.why}")
    _write_page()
    for reason in verdict.reasons:
        say(f"promote: {reason.text}")
    instead = f" in place of version {outcome.before.version}" if outcome.before else ""
    say(f"version {version} is champion{instead}; take it back with `irstd models rollback`")


def rollback(
    why: Annotated[str, typer.Option(help="The reason, for the history.")] = _NO_REASON,
) -> None:
    """Take the champion back, at once.

    The champion before it is champion again. Nothing is scored, but it must
    load. The gate does not promote the version that is taken back again; a
    second rollback goes one further back. Without an earlier champion nothing
    changes and the exit code is 1.
    """
    root = _registry()
    from irstd.promotion.by_hand import roll_back_champion  # noqa: PLC0415
    from irstd.settings.load import PARAMS, load_settings  # noqa: PLC0415 - MLflow takes seconds

    if root is not None:
        os.chdir(root)
    entry = roll_back_champion(load_settings(root / PARAMS) if root else None, why)
    if root is not None:
        _write_page()
    instead = f" in place of version {entry.before}" if entry.before else ""
    say(f"version {entry.version} is champion again{instead}: {why}")


def history(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show all changes of the champion, newest first."""
    root = _registry()
    from irstd.promotion.champions import registry_state  # noqa: PLC0415 - reads the environment when imported
    from irstd.tracking.store import open_store  # noqa: PLC0415 - reads the environment when imported

    found = registry_state(open_store(root or Path.cwd()))
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in found.history], indent=2, ensure_ascii=False))
    elif not found.history:
        say("no version has been champion yet; `python -m pipelines.promote` decides on one")
    else:
        _show(found)


def _write_page() -> None:
    """Write reports/champion.html anew, from the record that has just been written."""
    from irstd.files.json_files import read_json  # noqa: PLC0415
    from irstd.project.paths import PROMOTION  # noqa: PLC0415
    from irstd.report.champion import write_champion  # noqa: PLC0415 - templates and tables take a while

    write_champion(read_json(PROMOTION))


def _registry() -> Path | None:
    """Prepare the environment and return the project; None outside one, if MLFLOW_TRACKING_URI names the registry.

    Raises:
        RegistryError: there is neither, or the project has no registered model.
    """
    elsewhere = bool(os.environ.get("MLFLOW_TRACKING_URI"))
    try:
        root: Path | None = find_root()
    except SettingsError as fault:
        if not elsewhere:
            raise RegistryError(f"{fault}; go there, or set MLFLOW_TRACKING_URI") from fault
        root = None
    if root is not None and not elsewhere and not (root / "var" / "mlflow.db").exists():
        raise RegistryError("no model is registered yet; `make demo` or `python -m pipelines.promote` makes a champion")
    prepare_environment(root)
    return root


def _show(found: "RegistryState") -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("what", no_wrap=True)
    table.add_column("version", justify="right", no_wrap=True)
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    champion = found.champion
    for entry in reversed(found.history):
        now = entry == next((e for e in reversed(found.history) if _took_effect(e, found)), None)
        what = entry.action if _took_effect(entry, found) else f"{entry.action}: cut off, nothing changed"
        style = "bold green" if now and entry.version == champion else ""
        cells = (entry.when[:16].replace("T", " "), what, entry.version, entry.before or "–", entry.why)
        table.add_row(*(Text(printable(cell), style=style) for cell in cells))
    console = table_console()
    console.print(table)
    names = ", ".join(f"{alias} is version {number}" for alias, number in sorted(found.aliases.items()))
    say(names or "no version is champion now")


def _took_effect(entry: "Entry", found: "RegistryState") -> bool:
    return entry.state == "done" or (entry.state == "begun" and entry.version == found.champion)
