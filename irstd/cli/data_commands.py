"""The commands of `irstd data` and their options. Each imports its work when it runs, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(no_args_is_help=True, help="Make, import or check datasets in the canonical form.")

Replace = Annotated[bool, typer.Option("--replace", help="Replace the dataset that is there.")]


@data.command("demo")
def demo(
    frames: Annotated[int, typer.Option(help="How many frames, at least 5.")] = 240,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    name: Annotated[str, typer.Option(help="The dataset's name.")] = "demo",
    out: Annotated[
        Path | None, typer.Option(help="The dataset's folder. Default: data/raw/NAME of the project, else ./NAME.")
    ] = None,
    replace: Replace = False,
) -> None:
    """Make the demo set: synthetic infrared scenes with known targets."""
    from irstd.cli.datasets import make_demo_set  # noqa: PLC0415

    make_demo_set(frames, seed, name, out, replace=replace)


@data.command("import")
def import_(  # noqa: PLR0913, PLR0917 - a command has its options
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="The dataset's folder as published; it is only read.")
    ],
    name: Annotated[str, typer.Option(help="What to call it: data/raw/NAME of the project, else ./NAME.")],
    layout: Annotated[str | None, typer.Option(help="Layout of the folder. Default: recognised by its files.")] = None,
    lists: Annotated[str | None, typer.Option(help="Which of several sets of lists of splits there are.")] = None,
    boxes: Annotated[str | None, typer.Option(help="'centre': take the centres of boxes for points.")] = None,
    masks: Annotated[
        str | None, typer.Option(help="'points': make pseudo-masks of the points of a set without masks.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of splits that are carved out of train.")] = 0,
    replace: Replace = False,
) -> None:
    """Bring a published dataset into the canonical form.

    data/README.md has the layouts; an unknown --layout lists their names.
    Official splits are kept; a missing validation split is carved out of
    train, near-duplicates and frames of one sequence on one side. Scores
    need masks: a set of points alone can have them made (--masks points).
    """
    from irstd.cli.datasets import import_set  # noqa: PLC0415

    import_set(source, name, layout, lists, boxes, masks, seed, replace=replace)


@data.command("join")
def join(
    out: Annotated[str, typer.Argument(metavar="NEW", help="The new dataset: its name in the project, or a folder.")],
    datasets: Annotated[list[str], typer.Argument(metavar="NAME_OR_FOLDER", help="Two or more datasets.")],
    replace: Replace = False,
) -> None:
    """Join datasets, so that one detector learns from all of them.

    A frame is called SET-FRAME and stays in its split; nothing else of it
    changes. Where one set has masks, frames of sets without get pseudo-masks
    of their points, inside their boxes if they have any. Frames that stand on
    two sides of a split under two names are warned of.
    """
    from irstd.cli.datasets import join_sets  # noqa: PLC0415

    join_sets(out, datasets, replace=replace)


@data.command("check")
def check(
    dataset: Annotated[str, typer.Argument(metavar="NAME_OR_FOLDER", help="A dataset of the project, or its folder.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for what was found. Default: reports/audit/NAME of the project.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print audit.json instead of tables.")] = False,
) -> None:
    """Audit a dataset.

    Faults, leaks between splits, figures and a contact sheet are shown.
    The dataset is only read. The exit code is 1 if there are errors. Findings
    are in audit.json, near_duplicates.csv and contact_sheet.png.
    """
    from irstd.cli.checking import check_set  # noqa: PLC0415

    check_set(dataset, out, as_json=as_json)
