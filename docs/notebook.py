"""Run examples/detect_score_compare.ipynb anew and keep what it prints: python docs/notebook.py."""

import os
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "examples/detect_score_compare.ipynb"
_WAIT_S = 300


def executed(notebook: Path) -> nbformat.NotebookNode:
    """Return a notebook with the outputs of a run by this Python, on one thread, in an empty folder.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell ends in an error.
    """
    content = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory() as home:
        work = Path(home) / "work"
        work.mkdir()
        own = {
            "IPYTHONDIR": home,
            "JUPYTER_RUNTIME_DIR": home,
            "OMP_NUM_THREADS": "1",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        with patch.dict(os.environ, own):
            place = {"metadata": {"path": str(work)}}
            NotebookClient(content, timeout=_WAIT_S, resources=place, record_timing=False).execute()
    return content


if __name__ == "__main__":
    nbformat.write(executed(NOTEBOOK), NOTEBOOK)
