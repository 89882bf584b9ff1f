"""Undo a retraining that failed or was killed.

Kept are the small files that name versions: the dataset's pointer, dvc.lock, the metrics outside DVC's cache. DVC
restores the rest from its cache.
"""

import shutil
from pathlib import Path

from irstd.files import make_folder, write_bytes, write_folder
from irstd.project.paths import STATE, Layout
from pipelines.door import dvc

_BEFORE = STATE / "retrain" / "before"
_LOCK = Path("dvc.lock")


def remember(where: Layout) -> None:
    """Store the present state until `forget`, completely or not at all.

    Raises:
        DataError: it cannot be written.
    """
    files = {path.as_posix(): path.read_bytes() for path in _changing(where)}
    write_folder(_BEFORE, {f"{where.dataset}/{name}": content for name, content in files.items()})


def pending() -> bool:
    """Tell whether a retraining began and neither ended nor was undone."""
    return _BEFORE.is_dir()


def undo() -> None:
    """Restore the stored state, if any: data, outputs, metrics, dvc.lock.

    Raises:
        DataError: a file cannot be written.
        ComputeError: DVC refuses.
    """
    if not pending():
        return
    (kept,) = _BEFORE.iterdir()
    where = Layout(kept.name)
    files = {path.relative_to(kept): path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    for path in _changing(where):
        if path not in files:
            path.unlink()
    for path, content in files.items():
        make_folder(path.parent)
        write_bytes(path, content)
    dvc.restore([_pointer(where).as_posix(), *(["dvc.yaml"] if _LOCK in files else [])])
    forget()


def forget() -> None:
    """Remove the stored state; the present one is kept."""
    gone = _BEFORE.with_name(".before.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if pending():
        _BEFORE.rename(gone)  # at once, since half of it would be put back as the whole
    shutil.rmtree(gone, ignore_errors=True)


def _changing(where: Layout) -> list[Path]:
    """List the files that a retraining may change and DVC does not cache."""
    metrics = sorted(where.scores("x").parent.glob("*/hse.json"))
    return [path for path in (_pointer(where), _LOCK, *metrics) if path.is_file()]


def _pointer(where: Layout) -> Path:
    return Path(f"{where.raw.as_posix()}.dvc")
