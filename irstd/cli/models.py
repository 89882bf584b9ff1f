"""`irstd models`: the list, cards, and bundles of released weights."""

import json
from dataclasses import asdict
from pathlib import Path

import typer

from irstd.cli.listing import known_models, show_models
from irstd.cli.progress import say
from irstd.files import write_text
from irstd.models import pretrained


def list_models(*, as_json: bool) -> None:
    """Show every known detector with its cost, as a table or as JSON."""
    rows = known_models()
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2, allow_nan=False, ensure_ascii=False))
    else:
        show_models(rows)


def show_card(model: str, out: Path | None) -> None:
    """Print the card of a model, or write it to the file `out`.

    Raises:
        ModelError: there is no bundle in that folder, it cannot be used, or none is shipped.
        RegistryError: the registry or the model in it is not there.
        DataError: `out` cannot be written.
    """
    from irstd.cli.model_choice import model_files  # noqa: PLC0415
    from irstd.models.bundle_card import bundle_card  # noqa: PLC0415 - torch takes seconds

    files = model_files(model)
    shipped = out is not None and out.resolve() == (pretrained.FOLDER / pretrained.CARD).resolve()
    card = bundle_card(files, pretrained.PRETRAINED if shipped else model)
    if out is None:
        typer.echo(card, nl=False)
    else:
        write_text(out, card)
        say(f"{out}: the card of {model}")


def import_official_spire(file: Path, out: Path) -> None:
    """Write the bundle of the authors' SPIRE weights in `file` to `out`.

    Raises:
        ModelError: the file is no such checkpoint, or `out` is something else than a bundle.
        DataError: `out` cannot be written.
    """
    from irstd.models.bundle import save_bundle  # noqa: PLC0415 - torch takes seconds
    from irstd.models.folder import bundle_hash  # noqa: PLC0415 - torch takes seconds
    from irstd.models.spire.official import load_official, official_bundle  # noqa: PLC0415

    save_bundle(out, load_official(file), official_bundle())
    say(f"{out}: SPIRE by its authors, 294,753 parameters, bundle {bundle_hash(out)[:12]}")
    say(f"next: `references: {{spire-authors: {out}}}` in params.yaml, or irstd detect FRAMES --model {out}")
