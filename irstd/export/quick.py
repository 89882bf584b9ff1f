"""A bundle as it searches fastest on a CPU: in ONNX Runtime where the extra `onnx` is installed, else in torch.

The graph for ONNX Runtime is made by a process of its own and kept in the user's cache: a command that detects then has
no torch in its memory, which takes seconds and half a gigabyte.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from irstd.errors import DataError, ModelError
from irstd.export.apart import PARTS, make_apart
from irstd.export.runtime import MOST_BYTES, SUFFIX, OnnxDetector, load_bytes
from irstd.files import make_folder, read_bytes, write_bytes
from irstd.models.folder import files_hash
from irstd.models.record import RECORD

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

_KEPT = 8  # graphs, the newest; of 0.1 to 120 MB
_NONE = ".none"  # in place of the graph of a bundle that ONNX cannot hold


def load_quick(files: Mapping[str, bytes], where: str) -> "LoadedDetector | OnnxDetector":
    """Load the bundle in `files` for detection alone, with `quick` or from what an earlier call has kept of it.

    Its detections are those of `load_files`, but for rounding. Where it needs torch, that gets one thread: calls from
    several threads then do not wait for each other.

    Args:
        files: of the bundle, by name.
        where: begins the message of every error.

    Raises:
        ModelError: as `load_files`.
    """
    place = _place(files)
    if place is not None and not place.is_file() and not _has_none(place):
        make_apart(files, place)
    if place is not None and place.is_file():
        try:
            return load_bytes(read_bytes(place, MOST_BYTES), where)
        except (DataError, ModelError):  # ONNX Runtime is not there any more, or the file is damaged
            pass
    import torch  # noqa: PLC0415 - takes seconds

    from irstd.models.bundle import load_files  # noqa: PLC0415

    torch.set_num_threads(1)
    loaded = load_files(files, where)
    return _in_torch(_lean(loaded)) if place is not None and _has_none(place) else quick(loaded, place)


def quick(loaded: "LoadedDetector", keep: Path | None = None) -> "LoadedDetector | OnnxDetector":
    """Return a loaded detector with the same detections, but for rounding, in less time and memory.

    What no detection reads is left out, and BatchNorm is folded. benchmarks/detect_speed.py measures what it gains.

    Args:
        loaded: the detector.
        keep: a file of the cache for the graph; None: it is not kept.
    """
    from irstd.export.writing import onnx_file  # noqa: PLC0415 - with torch

    lean = _lean(loaded)
    try:
        data = onnx_file(lean).data
        found = load_bytes(data, loaded.bundle.detector)
    except ModelError:  # a package is missing, or ONNX cannot hold it
        if keep is not None and all(map(find_spec, PARTS)):
            _keep(keep.with_suffix(_NONE), b"")
        return _in_torch(lean)
    if keep is not None:
        _keep(keep, data)
    return found


def _lean(loaded: "LoadedDetector") -> "LoadedDetector":
    """Return the same without what no detection reads."""
    from irstd.models.folding import points_only  # noqa: PLC0415 - with torch

    return replace(loaded, detector=points_only(loaded.detector))


def _in_torch(lean: "LoadedDetector") -> "LoadedDetector":
    """Return the same with BatchNorm folded and weights laid out channels last.

    Batches of several frames, and convolutions fused with their ReLU, gained nothing more.
    """
    import torch  # noqa: PLC0415 - is there by now

    from irstd.models.folding import folded  # noqa: PLC0415

    return replace(lean, detector=folded(lean.detector).to(memory_format=torch.channels_last))


def _place(files: Mapping[str, bytes]) -> Path | None:
    """Return the place of a bundle's graph in the cache: by the content of its files, and by the code that makes it."""
    if RECORD not in files:
        return None
    package = Path(__file__).parents[1]
    changed = max(path.stat().st_mtime_ns for room in ("models", "export") for path in (package / room).rglob("*.py"))
    return _cache() / f"{files_hash(files)}-{changed:x}{SUFFIX}"


def _has_none(place: Path) -> bool:
    """Tell whether an earlier call found that the bundle has no graph."""
    return place.with_suffix(_NONE).is_file()


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "irstd"


def _keep(place: Path, data: bytes) -> None:
    """Write a graph to the cache, if that can be written, and drop the oldest of many."""
    try:
        make_folder(place.parent)
        write_bytes(place, data)
        for old in sorted(place.parent.glob(f"*{place.suffix}"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except (DataError, OSError):  # the next call makes it again
        pass
