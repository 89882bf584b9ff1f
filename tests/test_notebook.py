"""The notebook of the docs runs, and what it shows was printed by the bundle that is shipped."""

from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="needs irstd's extra docs")

import nbformat

from docs.notebook import NOTEBOOK, executed

LONGEST_BYTES = 300_000


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the output of each cell of code."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in cells]


def test_the_notebook_runs_and_shows_what_the_shipped_bundle_gave() -> None:
    shown = nbformat.read(NOTEBOOK, as_version=4)
    now = executed(NOTEBOOK)
    assert all(cell.outputs for cell in shown.cells if cell.cell_type == "code")
    frames, bundle = slice(0, 2), 2
    assert texts(shown)[frames] == texts(now)[frames]
    # Figures may differ in their last digit on other processors, the bundle's hash does not.
    assert texts(shown)[bundle].splitlines()[0] == texts(now)[bundle].splitlines()[0], "run python docs/notebook.py"


def test_the_notebook_is_small() -> None:
    assert Path(NOTEBOOK).stat().st_size < LONGEST_BYTES
