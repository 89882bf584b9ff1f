"""`irstd data demo`, `import` and `join`."""

import re
from pathlib import Path
from shlex import quote

from irstd.cli.progress import bar, from_here, say
from irstd.curation.demo import make_demo
from irstd.curation.importers import detect_layout, import_dataset, required_options
from irstd.curation.joining import join_datasets
from irstd.curation.pseudo_masks import POINTS_ALONE
from irstd.datasets.canonical import SPLITS, CanonicalDataset, check_name
from irstd.errors import DataError
from irstd.project.environment import root_here


def make_demo_set(frames: int, seed: int, name: str, out: Path | None, *, replace: bool) -> None:
    """Make the demo set in `out`, or where the project keeps its datasets.

    Raises:
        DataError: the name or a number is not allowed, the folder exists or cannot be written.
    """
    folder = _home()[0] / check_name(name) if out is None else out
    with bar(f"{frames} frames") as progress:
        make_demo(folder, frames, seed, replace=replace, progress=progress)
    _show_counts(folder)


def import_set(  # noqa: PLR0913, PLR0917 - the command's options
    source: Path,
    name: str,
    layout: str | None,
    lists: str | None,
    boxes: str | None,
    masks: str | None,
    seed: int,
    *,
    replace: bool,
) -> None:
    """Import the dataset in `source` to where the project keeps its datasets, and say how to go on.

    Raises:
        DataError: the name is not allowed, the source has no known layout, the target exists, a file cannot be read.
        UnknownNameError: no such layout, lists, or way to take boxes or masks.
    """
    home, in_project = _home()
    with bar(f"importing {name}") as progress:
        folder = import_dataset(
            source, home, name, layout, progress, replace=replace, seed=seed, lists=lists, boxes=boxes, masks=masks
        )
    dataset = _show_counts(folder)
    say(f"splits: {dataset.info.splits}")
    if not dataset.has_masks:
        say(f"warning: {POINTS_ALONE}")
    if in_project:
        say(f"next: irstd data check {name}; dvc add data/raw/{name}; `dataset: {name}` in params.yaml; dvc repro")
        say(f"or in one step, audited and versioned: python -m pipelines.ingest {source} --name {name} --replace")
    else:
        say("next: not inside an irstd project; run the import in one, or move the folder to its data/raw")


def join_sets(out: str, datasets: list[str], *, replace: bool) -> None:
    """Join datasets to one where the project keeps its datasets, or in a folder.

    Raises:
        DataError: the name is not allowed, a dataset is not there, two have one name, or a file cannot be read.
    """
    home, in_project = _home()
    folder = home / check_name(out) if Path(out).name == out else Path(out)
    sources = [find_dataset(dataset, home) for dataset in datasets]
    with bar(f"joining {len(sources)} datasets") as progress:
        warnings = join_datasets(folder, sources, progress, replace=replace)
    _show_counts(folder)
    for warning in warnings:
        say(f"warning: {warning}")
    if in_project and folder.parent == home:
        say(f"next: irstd data check {out}; dvc add data/raw/{out}; `dataset: {out}` in params.yaml; dvc repro")


def find_dataset(dataset: str, home: Path) -> Path:
    """Return the dataset of that name in `home`, else the folder.

    Raises:
        DataError: there is neither, or it is a dataset as published; says how to import that.
    """
    if Path(dataset).name == dataset and (home / dataset).is_dir():
        return home / dataset
    if Path(dataset).is_dir():
        _check_form(Path(dataset))
        return Path(dataset)
    known = sorted(path.name for path in home.glob("[!.]*") if path.is_dir())
    there = f"in {home} there are {', '.join(known)}" if known else f"{home} holds none"
    raise DataError(f"{dataset}: no such dataset; give a folder, or a name: {there}")


def raw_home() -> Path:
    """Return data/raw of the project, outside of one of the folder here."""
    return (root_here() or Path()) / "data" / "raw"


def _check_form(folder: Path) -> None:
    """Raise if the folder is not in the canonical form but in a layout that can be imported."""
    lists = any((folder / "splits" / f"{split}.txt").is_file() for split in SPLITS)
    if (folder / "dataset.json").is_file() or (lists and any((folder / "images").glob("[!.]*.png"))):
        return
    try:
        layout = detect_layout(folder)
    except DataError:  # whoever reads the folder tells what it lacks
        return
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._") or "mine"
    command = f"irstd data import {quote(str(folder))} --name {name}{required_options(folder, layout)}"
    raise DataError(f"{folder}: is a dataset as published (layout {layout}); import it first: {command}")


def _home() -> tuple[Path, bool]:
    """Return the folder for datasets, and whether it belongs to a project."""
    root = root_here()
    return (root / "data" / "raw", True) if root else (Path(), False)


def _show_counts(folder: Path) -> CanonicalDataset:
    """Open the dataset in `folder` and print its size."""
    dataset = CanonicalDataset.open(folder)
    counts = ", ".join(f"{len(dataset.splits[split])} {split}" for split in SPLITS)
    say(f"{from_here(folder)}: {len(dataset.names)} frames ({counts})")
    return dataset
