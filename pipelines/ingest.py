"""Bring a dataset in: import, audit, version: `python -m pipelines.ingest SOURCE --name NAME`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from pipelines.door.command import Work, command


@command
def main(  # noqa: PLR0913, PLR0917 - a command has its options
    source: Annotated[Path, typer.Argument(help="The dataset's folder as published; it is only read.")],
    name: Annotated[str, typer.Option(help="What to call it: data/raw/NAME.")],
    layout: Annotated[str | None, typer.Option(help="How it is laid out. Default: told by its files.")] = None,
    lists: Annotated[str | None, typer.Option(help="Which of several sets of lists of splits there are.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of splits that are carved out of train.")] = 0,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the dataset of that name.")] = False,
) -> Work:
    """Import a dataset into data/raw, audit it, and version it with DVC."""
    from pipelines.ingest import Source, ingest

    return partial(ingest, Source(source, name, layout, lists, seed, replace))


import shutil
from dataclasses import dataclass

from irstd.curation.audit import Audit, check_dataset, counted
from irstd.curation.importers import import_dataset
from irstd.curation.writing import check_target
from irstd.datasets.canonical import check_name
from irstd.errors import DataError
from irstd.files import put_folder, write_bytes
from irstd.project.paths import STATE, Layout
from pipelines.door import dvc
from pipelines.door.console import say
from pipelines.door.flows import stage, step


@dataclass(frozen=True)
class Source:
    """What is to come in.

    Attributes:
        folder: the dataset as published; it is only read.
        name: what to call it.
        layout, lists, seed: as `irstd data import` has them.
        replace: whether it may take the place of a dataset of that name.
    """

    folder: Path
    name: str
    layout: str | None = None
    lists: str | None = None
    seed: int = 0
    replace: bool = False


@stage(name="ingest", run_name="ingest {source.name}")
def ingest(source: Source) -> None:
    """A canonical dataset in data/raw that passed its audit and that DVC knows; otherwise nothing there changes."""
    target = Layout(check_name(source.name)).raw
    check_target(target, replace=source.replace)
    say(f"ingest {source.name}: importing {source.folder}")
    staged = bring(source)
    require(audit(staged), staged)
    place(staged, target, replace=source.replace)
    say(f"ingest {source.name}: in {target}, versioned as {target}.dvc (commit it)")
    say(f"next: `dataset: {source.name}` in params.yaml, then dvc repro")


@step(name="import")
def bring(source: Source) -> Path:
    """The imported dataset, beside where it is to be."""
    return import_dataset(
        source.folder,
        STATE / "ingest",
        source.name,
        source.layout,
        replace=True,
        seed=source.seed,
        lists=source.lists,
    )


@step(name="audit")
def audit(staged: Path) -> Audit:
    """What there is to say of it; a line a finding."""
    found = check_dataset(staged)
    for finding in found.findings:
        say(f"  {finding.severity}: {finding.message}")
    return found


def require(found: Audit, staged: Path) -> None:
    """Nothing, if the audit found no error.

    Raises:
        DataError: it did; which rules, and where to look at them.
    """
    if found.errors:
        rules = ", ".join(dict.fromkeys(finding.rule for finding in found.errors))
        raise DataError(
            f"{found.name}: {counted(len(found.errors), 'error')} ({rules}), so nothing came in; "
            f"`irstd data check {staged}` shows the frames, mend them in the source and ingest again"
        )


def place(staged: Path, target: Path, *, replace: bool) -> None:
    """`staged` in the place of `target`, known to DVC; where DVC refuses it, `target` is as it was."""
    check_target(target, replace=replace)
    before = staged.with_name(f".{staged.name}.before")
    pointer = Path(f"{target}.dvc")
    known = pointer.with_name(f".{pointer.name}.before")  # beside it: data may lie on a disk of its own
    there, versioned = target.exists(), pointer.exists()
    if versioned:
        write_bytes(known, pointer.read_bytes())  # now, since to put it back takes no room
    if there:
        put_folder(target, before)
    try:
        put_folder(staged, target)
        version(target)
    except BaseException:
        if versioned:  # first, as this needs no room
            known.replace(pointer)
        else:
            pointer.unlink(missing_ok=True)
        if target.exists():
            put_folder(target, staged)
        if there:
            put_folder(before, target)
        raise
    shutil.rmtree(before, ignore_errors=True)
    known.unlink(missing_ok=True)


@step(name="version")
def version(target: Path) -> None:
    """Its pointer, written by DVC."""
    dvc.add(target)
