"""Tables, texts and links that Prefect's page shows with a flow run."""

import re
from collections.abc import Sequence
from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.runtime import flow_run


def show_table(name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    """Show a table with the flow run here, in the list of artifacts under `name`."""
    if flow_run.id:
        create_table_artifact([dict(zip(headings, row, strict=True)) for row in rows], _key(name), title)


def show_link(name: str, path: Path, text: str) -> None:
    """Show a link to a file of this machine; a browser follows it where it reads this machine's files."""
    if flow_run.id:
        create_link_artifact(path.resolve().as_uri(), text, _key(name), f"{text}: {path}")


def show_text(name: str, markdown: str, title: str) -> None:
    """Show a text in Markdown."""
    if flow_run.id:
        create_markdown_artifact(markdown, _key(name), title)


def _key(name: str) -> str:
    """Return a name as Prefect allows: lower case, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
