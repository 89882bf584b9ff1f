"""Sets of the inbox: found, audited, merged and versioned, or put into quarantine."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from irstd.curation.audit.audit import Audit
from irstd.curation.audit.findings import counted
from irstd.curation.intake.files import check_files
from irstd.curation.intake.merging import Added, check_labels, merge_sets
from irstd.curation.intake.placing import Shares
from irstd.curation.intake.staging import StagedSet, stage_set
from irstd.curation.intake.waiting import InboxSet, look_into
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import ComputeError, DataError, IrstdError, in_one_line
from irstd.files import make_folder
from irstd.files.disk_faults import is_unwritable
from irstd.files.reading import read_text
from irstd.project.paths import STATE, Layout
from irstd.settings.project import Settings
from irstd.settings.retrain import Retrain
from pipelines.door import dvc
from pipelines.door.flows import step
from pipelines.retraining.leaving import left_half_way

_STAGED = STATE / "retrain" / "sets"


@dataclass(frozen=True)
class News:
    """New data to learn from.

    Attributes:
        sets: complete ones in the inbox.
        arriving: a line for each that is not complete yet.
        changed: whether the dataset's DVC pointer is another than the one last learned from.
        stuck: whether a killed run left a set on its way out of the inbox.
    """

    sets: tuple[InboxSet, ...]
    arriving: tuple[str, ...]
    changed: bool
    stuck: bool = False

    def __bool__(self) -> bool:
        return bool(self.sets) or self.changed or self.stuck


@dataclass(frozen=True)
class Audited:
    """The result of a set's audit.

    Attributes:
        waiting: the set.
        digest: `fingerprint` of what was audited; empty if it was refused.
        staged: its canonical form; None if it was refused or is in the dataset already.
        reason: why it was refused; empty if it was not.
    """

    waiting: InboxSet
    digest: str = ""
    staged: StagedSet | None = None
    reason: str = ""


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
    stuck = bool(left_half_way(Path(section.inbox)))
    return News(ready, tuple(lines), pointer_changed(Layout(settings.dataset)), stuck)


def nothing_new(settings: Settings) -> str:
    """Return the line that nothing is new."""
    inbox = Path(settings.retrain.inbox)
    there = "holds no complete set" if inbox.is_dir() else "does not exist"
    return f"nothing new: {inbox} {there}, and data/raw/{settings.dataset} has no new version"


def pointer_changed(where: Layout) -> bool:
    """Tell whether dvc.lock names another version of the dataset than its pointer; False without a pointer.

    Raises:
        DataError: one of the two is not what DVC writes.
    """
    pointer, lock = Path(f"{where.raw.as_posix()}.dvc"), Path("dvc.lock")
    if not pointer.is_file():
        return False
    try:
        wanted = yaml.safe_load(read_text(pointer))["outs"][0]["md5"]
        stages = yaml.safe_load(read_text(lock)).get("stages", {}) if lock.is_file() else {}
        deps = stages.get("prepare", {}).get("deps", [])
        return wanted not in [dep.get("md5") for dep in deps if dep["path"] == where.raw.as_posix()]
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        raise DataError(
            f"{pointer} or {lock}: is not as DVC writes it ({in_one_line(fault)}); take it back from git"
        ) from fault


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
def admit(waiting: InboxSet, base: Path, known: frozenset[str]) -> Audited:
    """Audit a set and stage its canonical form. Whatever is wrong with its files, it is refused and the others go on.

    Raises:
        DataError: the disk cannot be written; the set is not to blame.
    """
    make_folder(_STAGED)
    try:
        check_files(waiting.folder)
        digest = fingerprint(waiting.folder)
        if digest in known:
            return Audited(waiting, digest)
        staged = stage_set(waiting.folder, _STAGED)
        check_labels(base, staged)
    except Exception as fault:  # decoders and parsers raise what they like on a stranger's files
        if is_unwritable(fault):
            raise
        known_fault = isinstance(fault, IrstdError) and str(fault)
        return Audited(waiting, reason=known_fault or f"cannot be read ({type(fault).__name__}: {in_one_line(fault)})")
    if staged.errors:
        return Audited(waiting, reason="\n".join(finding.message for finding in staged.errors))
    return Audited(waiting, staged.digest, staged)


@step(name="merge")
def merge(base: Audit, sets: Sequence[StagedSet], section: Retrain, seed: int) -> tuple[Path, list[Added]]:
    """Return the next version of the dataset, in a folder beside, and what each set added."""
    folder = STATE / "retrain" / base.name
    shares = Shares(val=section.val, test=section.test)
    return folder, merge_sets(base, sets, folder, shares, seed)


def clear() -> None:
    """Remove what earlier runs staged."""
    shutil.rmtree(_STAGED, ignore_errors=True)


def counts(added: Added) -> str:
    """Describe what a set added."""
    came = ", ".join(f"{number} to {split}" for split, number in added.splits.items()) or "nothing"
    out = "".join(f"; {number} left out, {reason}" for reason, number in added.left_out.items())
    return f"{added.name}: {counted(sum(added.splits.values()), 'new frame')} ({came}){out}"
