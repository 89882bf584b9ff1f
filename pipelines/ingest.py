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
    masks: Annotated[str | None, typer.Option(help="'points': make pseudo-masks where there are points alone.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of splits that are carved out of train.")] = 0,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the dataset of that name.")] = False,
) -> Work:
    """Import a dataset into data/raw, audit it, and version it with DVC."""
    from pipelines.ingest import ingest

    options = {"layout": layout, "lists": lists, "boxes": boxes, "masks": masks, "seed": seed}
    return partial(ingest, source, name, options, replace=replace)


import shutil
from collections.abc import Mapping
from typing import Any

from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.importers import import_dataset
from irstd.curation.pseudo_masks import POINTS_ALONE
from irstd.curation.writing import check_target
from irstd.datasets.canonical import CanonicalDataset, check_name
from irstd.errors import DataError
from irstd.files import put_folder, write_bytes
from irstd.project.paths import STATE, Layout
from pipelines.door import dvc
from pipelines.door.console import say
from pipelines.door.flows import stage, step


@stage(name="ingest", run_name="ingest {name}")
def ingest(source: Path, name: str, options: Mapping[str, Any], *, replace: bool) -> None:
    """Write a canonical dataset to data/raw, audited and versioned; if a step fails, data/raw stays as it was.

    Args:
        source: the dataset's folder as published; it is only read.
        name: name of the new dataset.
        options: layout, lists, boxes, masks and seed of `import_dataset`.
        replace: replace a dataset of that name.
    """
    target = Layout(check_name(name)).raw
    check_target(target, replace=replace)
    say(f"ingest {name}: importing {source}")
    staged = bring(source, name, options)
    require(audit(staged), staged)
    place(staged, target, replace=replace)
    say(f"ingest {name}: in {target}, versioned as {target}.dvc (commit it)")
    say(f"next: `dataset: {name}` in params.yaml, then dvc repro")


@step(name="import")
def bring(source: Path, name: str, options: Mapping[str, Any]) -> Path:
    """Import the dataset to var/ingest, and return its folder."""
    folder = import_dataset(source, STATE / "ingest", name, replace=True, **options)
    if not CanonicalDataset.open(folder).has_masks:
        say(f"  warning: {POINTS_ALONE}")
    return folder


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
