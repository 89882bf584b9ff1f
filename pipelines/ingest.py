"""Import, audit and version a dataset: `python -m pipelines.ingest SOURCE --name NAME`."""

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
    boxes: Annotated[str | None, typer.Option(help="'centre': take the centres of boxes for points.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of splits that are carved out of train.")] = 0,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the dataset of that name.")] = False,
) -> Work:
    """Import a dataset into data/raw, audit it, and version it with DVC."""
    from pipelines.ingest import Source, ingest

    return partial(ingest, Source(source, name, layout, lists, boxes, seed, replace))


import shutil
from dataclasses import dataclass

from irstd.curation.audit.audit import Audit, check_dataset
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
    """A dataset to ingest.

    Attributes:
        folder: the dataset as published; it is only read.
        name: name of the new dataset.
        layout, lists, boxes, seed: as for `irstd data import`.
        replace: replace a dataset of that name.
    """

    folder: Path
    name: str
    layout: str | None = None
    lists: str | None = None
    boxes: str | None = None
    seed: int = 0
    replace: bool = False


@stage(name="ingest", run_name="ingest {source.name}")
def ingest(source: Source) -> None:
    """Write a canonical dataset to data/raw, audited and versioned; if a step fails, data/raw stays as it was."""
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
    """Import the dataset to var/ingest, and return its folder."""
    return import_dataset(
        source.folder,
        STATE / "ingest",
        source.name,
        source.layout,
        replace=True,
        seed=source.seed,
        lists=source.lists,
        boxes=source.boxes,
    )


@step(name="audit")
def audit(staged: Path) -> Audit:
    """Audit the imported dataset, and say a line a finding."""
    found = check_dataset(staged)
    for finding in found.findings:
        say(f"  {finding.severity}: {finding.message}")
    return found


def require(found: Audit, staged: Path) -> None:
    """Raise if the audit found an error.

    Raises:
        DataError: it did; the message has the rules and the command that shows the frames.
    """
    if found.errors:
        raise DataError(
            f"{found.name}: {found.verdict}, so nothing was ingested; "
            f"`irstd data check {staged}` shows the frames, correct them in the source and ingest again"
        )


def place(staged: Path, target: Path, *, replace: bool) -> None:
    """Put `staged` in the place of `target` and version it; if DVC refuses, `target` stays as it was."""
    check_target(target, replace=replace)
    before = staged.with_name(f".{staged.name}.before")
    pointer = Path(f"{target}.dvc")
    known = pointer.with_name(f".{pointer.name}.before")  # beside it, since data may be on another disk
    there, versioned = target.exists(), pointer.exists()
    if versioned:
        write_bytes(known, pointer.read_bytes())  # now, so that putting it back needs no room on the disk
    if there:
        put_folder(target, before)
    try:
        put_folder(staged, target)
        version(target)
    except BaseException:
        if versioned:  # first, since this needs no room
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
    """Have DVC write the pointer of the dataset."""
    dvc.add(target)
