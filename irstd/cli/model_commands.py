"""The commands of `irstd models` and their options. Each imports its work when it runs, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

from irstd.cli.promoting import register_commands

models = typer.Typer()
register_commands(models)


@models.callback(invoke_without_command=True)
def list_models(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all digits, instead of a table.")] = False,
) -> None:
    """List detectors with their cost; show, average and promote models.

    Without a command: the detectors that a variant of params.yaml can name,
    with parameters, multiply-adds of a frame of 256² and of 512² px, and the
    paper of each, at default settings.
    """
    if context.invoked_subcommand is None:
        from irstd.cli.models import list_models as show  # noqa: PLC0415

        show(as_json=as_json)


@models.command("import-spire")
def import_spire(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The authors' weights as safetensors, under their key names.")
    ],
    out: Annotated[Path, typer.Option(help="The bundle's folder.")],
) -> None:
    """Make a bundle of the weights that SPIRE's authors released.

    It reads RGB frames at 512 × 512 px and decodes as they do: threshold
    0.35, relative rule 0.35, at most 8 a frame. Name it under `references`
    in params.yaml to have it in every table.
    """
    from irstd.cli.models import import_official_spire  # noqa: PLC0415

    import_official_spire(file, out)


@models.command("average")
def average(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLES", help="Folders of two or more alike bundles.")],
    dataset: Annotated[str, typer.Option(metavar="DATASET", help="Its validation decides the threshold anew.")],
    out: Annotated[Path, typer.Option(help="The bundle's folder.")],
    shares: Annotated[
        list[float] | None, typer.Option("--share", help="Of each bundle in turn, with the sum 1. Default: equal ones.")
    ] = None,
) -> None:
    """Make one bundle of several: the mean of their weights.

    Of fits that started from the same weights the mean often does better on
    new frames than each of them. Score it before you use it.
    """
    from irstd.cli.averaging import average_models  # noqa: PLC0415

    average_models(bundles, dataset, out, shares)


@models.command("show")
def show(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="pretrained, models:/NAME@ALIAS, models:/NAME/VERSION or a folder.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write the card to this file instead of showing it.")] = None,
) -> None:
    """Show a model's card.

    Detector, data with terms and citations, scores, limits: all of it comes
    from the bundle's own record.
    """
    from irstd.cli.models import show_card  # noqa: PLC0415

    show_card(model, out)
