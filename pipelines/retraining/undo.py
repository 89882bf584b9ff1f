"""What a retraining changes in the project, and the way back, for one that fails or was killed.

Kept are the small files that say what is where: the dataset's pointer, dvc.lock, the metrics outside DVC's cache. All
else DVC puts back from its cache.
"""

import shutil
from pathlib import Path

from irstd.files import make_folder, write_bytes, write_folder
from irstd.project.paths import STATE, Layout
from pipelines.door import dvc

_BEFORE = STATE / "retrain" / "before"
_LOCK = Path("dvc.lock")


def remember(where: Layout) -> None:
    """Keep the present state until `forget`; written complete or not at all.

    Raises:
        DataError: it cannot be written.
    """
    files = {path.as_posix(): path.read_bytes() for path in _changing(where)}
    write_folder(_BEFORE, {f"{where.dataset}/{name}": content for name, content in files.items()})


def pending() -> bool:
    """Whether a retraining began and neither ended nor was undone."""
    return _BEFORE.is_dir()


def undo() -> None:
    """The state that was remembered, if any: data, outputs, metrics, dvc.lock.

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
    """The present state is the one to keep."""
    gone = _BEFORE.with_name(".before.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if pending():
        _BEFORE.rename(gone)  # at once, since half of it would be put back as the whole
    shutil.rmtree(gone, ignore_errors=True)


def _changing(where: Layout) -> list[Path]:
    """The files that a retraining may change and DVC does not keep."""
    metrics = sorted(where.scores("x").parent.glob("*/hse.json"))
    return [path for path in (_pointer(where), _LOCK, *metrics) if path.is_file()]


def _pointer(where: Layout) -> Path:
    return Path(f"{where.raw.as_posix()}.dvc")
