"""The graph of a bundle, made by a process of its own: torch's memory goes when that ends. Ours.

    python -m irstd.export.apart FOLDER FILE.onnx

FOLDER holds the bundle; nothing is left where it has no graph.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from irstd.errors import DataError, IrstdError
from irstd.files import make_folder, write_bytes

PARTS = ("torch", "onnx", "onnxruntime")
"""The packages that make a graph and try it."""


def make_apart(files: Mapping[str, bytes], place: Path) -> None:
    """Make the graph of the bundle in `files` as the file `place`, or leave nothing there.

    Nothing is tried where that is in vain: torch has its memory in this process already, or a package is missing.
    """
    if "torch" in sys.modules or not sys.executable or not all(map(find_spec, PARTS)):
        return
    with tempfile.TemporaryDirectory(prefix="irstd-graph-") as folder:
        try:
            make_folder(place.parent)  # before torch is loaded in vain
            for name, content in files.items():
                write_bytes(Path(folder) / name, content)
        except DataError:
            return
        command = [sys.executable, "-m", "irstd.export.apart", folder, str(place)]
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True)


def _main(folder: str, place: str) -> int:
    import torch  # noqa: PLC0415 - takes seconds

    from irstd.export.quick import quick  # noqa: PLC0415
    from irstd.models.bundle import load_files  # noqa: PLC0415
    from irstd.models.folder import read_bundle  # noqa: PLC0415

    torch.set_num_threads(1)
    try:
        quick(load_files(read_bundle(Path(folder)), folder), Path(place))
    except IrstdError:  # which the caller meets, and tells, when it loads the bundle itself
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
