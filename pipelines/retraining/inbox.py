"""Sets of the inbox: found, audited, merged and versioned, or put into quarantine."""

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import yaml

from irstd.curation.audit import Audit, counted
from irstd.curation.intake import Added, InboxSet, Shares, StagedSet, check_labels, look_into, merge_sets, stage_set
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import ComputeError, DataError
from irstd.files import make_folder, put_folder, write_text
from irstd.project.paths import STATE, Layout
from irstd.settings.project import Settings
from irstd.settings.retrain import Retrain
from pipelines.door import dvc
from pipelines.door.flows import step
from pipelines.ingest import place

ALREADY_IN = "is in the dataset already"
QUARANTINE, TAKEN = Path("data/quarantine"), Path("data/taken")
_STAGED = STATE / "retrain" / "sets"


@dataclass(frozen=True)
class News:
    """New data to learn from.

    Attributes:
        sets: complete ones in the inbox.
        arriving: a line for each that is not complete yet.
        changed: whether the dataset's DVC pointer is another than the one last learned from.
    """

    sets: tuple[InboxSet, ...]
    arriving: tuple[str, ...]
    changed: bool

    def __bool__(self) -> bool:
        return bool(self.sets) or self.changed


def look(settings: Settings) -> News:
    """Find what is new, by names, times and pointers only.

    Raises:
        DataError: the inbox cannot be read.
    """
    section = settings.retrain
    found = look_into(Path(section.inbox))
    arriving = [each for each in found if abs(each.still) < section.settle_s]
    lines = [f"{each.name} is still arriving (changed {each.still:.0f} s ago); it waits" for each in arriving]
    ready = tuple(each for each in found if each not in arriving)
    return News(ready, tuple(lines), pointer_changed(Layout(settings.dataset)))


def nothing_new(settings: Settings) -> str:
    """Return the line that nothing is new."""
    inbox = Path(settings.retrain.inbox)
    there = "holds no complete set" if inbox.is_dir() else "does not exist"
    return f"nothing new: {inbox} {there}, and data/raw/{settings.dataset} has no new version"


def pointer_changed(where: Layout) -> bool:
    """Tell whether dvc.lock names another version of the dataset than its pointer; False without a pointer."""
    pointer, lock = Path(f"{where.raw.as_posix()}.dvc"), Path("dvc.lock")
    if not pointer.is_file():
        return False
    wanted = yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"][0]["md5"]
    stages = yaml.safe_load(lock.read_text(encoding="utf-8")).get("stages", {}) if lock.is_file() else {}
    deps = stages.get("prepare", {}).get("deps", [])
    return wanted not in [dep.get("md5") for dep in deps if dep["path"] == where.raw.as_posix()]


def settle_base(where: Layout, news: News) -> list[str]:
    """Make the dataset on disk the one that its pointer names; return a line for each change.

    Raises:
        DataError: it is not there, was changed by hand, or is what a stage makes, to which nothing can be added.
        ComputeError: DVC refuses.
    """
    pointer, raw = Path(f"{where.raw.as_posix()}.dvc"), where.raw
    if pointer.is_file():
        if dvc.is_as_stored(pointer):
            return []
        if not news.changed:
            raise DataError(
                f"{raw}: is not what {pointer} says, so somebody changed it by hand; `dvc add {raw}` keeps the change, "
                f"`dvc checkout {pointer}` drops it"
            )
        dvc.pull(pointer)
        return [f"{raw} is now the version that {pointer} names"]
    if not raw.is_dir():
        raise DataError(f"{raw}: no such dataset; `python -m pipelines.ingest SOURCE --name {where.dataset}` makes it")
    try:
        dvc.add(raw)
    except ComputeError as fault:
        raise DataError(
            f"{raw}: takes no new frames, since DVC does not version it ({fault}); a copy does: "
            f"`python -m pipelines.ingest {raw} --name NAME`, then `dataset: NAME` in params.yaml"
        ) from fault
    return [f"{raw} is versioned as {pointer} first"]


@step(name="audit set", run_name="audit {waiting.name}")
def admit(waiting: InboxSet, base: Path, known: frozenset[str]) -> StagedSet | str:
    """Return the set in canonical form if it is accepted, else the reason.

    Raises:
        DataError: the disk cannot be written; the set is not to blame.
    """
    make_folder(_STAGED)
    if not any(path.is_file() for path in waiting.folder.rglob("*")):
        return "holds no file"
    try:
        if fingerprint(waiting.folder) in known:
            return ALREADY_IN
        staged = stage_set(waiting.folder, _STAGED)
        check_labels(base, staged)
    except DataError as fault:
        cause = fault.__cause__
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        return str(fault)
    return staged if not staged.errors else "\n".join(finding.message for finding in staged.errors)


@step(name="merge")
def merge(base: Audit, sets: Sequence[StagedSet], section: Retrain, seed: int) -> tuple[Path, list[Added]]:
    """Return the next version of the dataset, in a folder beside, and what each set added."""
    folder = STATE / "retrain" / base.name
    shares = Shares(val=section.val, test=section.test)
    return folder, merge_sets(base, sets, folder, shares, seed)


def clear() -> None:
    """Remove what earlier runs staged."""
    shutil.rmtree(_STAGED, ignore_errors=True)


def put_in_place(folder: Path, where: Layout) -> None:
    """Replace the dataset by the merged one, and version it."""
    place(folder, where.raw, replace=True)


def quarantine(waiting: InboxSet, reason: str) -> str:
    """Move a set to quarantine, with the reason in a file beside it; return the line that says so.

    Raises:
        DataError: the reason cannot be written.
    """
    place_ = _free(QUARANTINE, waiting)
    make_folder(QUARANTINE)
    note = place_.with_name(f"{place_.name}.reason.txt")
    write_text(
        note,
        f"{waiting.name} did not come in:\n\n{reason}\n\n"
        "Mend it and move it back into the inbox, as a folder of its own; or remove it, and this file.\n",
    )
    moved = _move(waiting, place_)
    return f"{waiting.name} did not come in: {reason.splitlines()[0]}{'' if moved else '; ' + _STAYS}; see {note}"


def archive(waiting: InboxSet) -> str | None:
    """Move an accepted set out of the inbox; return a line if that fails."""
    make_folder(TAKEN)
    if _move(waiting, _free(TAKEN, waiting)):
        return None
    return f"{waiting.name} came in, but {_STAYS}; its content is known and does not come in twice"


_STAYS = "it cannot be moved out of the inbox"


def _free(folder: Path, waiting: InboxSet) -> Path:
    """Return a free place below `folder` by the set's name, numbered if taken."""
    places = (folder / (f"{waiting.name}-{number}" if number > 1 else waiting.name) for number in count(1))
    return next(place_ for place_ in places if not (place_.exists() or place_.is_symlink()))


def _move(waiting: InboxSet, place_: Path) -> bool:
    """Move the set to `place_`; tell whether it is there whole."""
    try:
        put_folder(waiting.folder, place_)
    except DataError:
        return False
    return not waiting.folder.exists()


def counts(added: Added) -> str:
    """Describe what a set added."""
    came = ", ".join(f"{number} to {split}" for split, number in added.splits.items()) or "nothing"
    out = "".join(f"; {number} left out, {reason}" for reason, number in added.left_out.items())
    return f"{added.name}: {counted(sum(added.splits.values()), 'new frame')} ({came}){out}"
