"""The work of one retraining."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from irstd.curation.audit.audit import check_dataset
from irstd.curation.audit.findings import counted
from irstd.curation.intake.merging import known_sets
from irstd.curation.intake.staging import StagedSet
from irstd.errors import IrstdError, in_one_line
from irstd.files.disk_faults import storage_line
from irstd.project.paths import Layout
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door.command import STORE
from pipelines.door.console import say
from pipelines.door.flows import hide_tracebacks
from pipelines.ingest import place
from pipelines.retraining import inbox
from pipelines.retraining.leaving import archive, put_back, quarantine
from pipelines.retraining.lock import AtWorkError, exclusive_lock
from pipelines.retraining.undo import forget, pending, remember, undo

if TYPE_CHECKING:
    from irstd.promotion.outcome import Outcome

SKIPPED, NOTHING_NEW, PROMOTED, REFUSED = "Skipped", "NothingNew", "Promoted", "Refused"


def one_run() -> State[Any]:
    """Retrain once; return the run's final state, whose name and message tell the outcome.

    Nothing is retried here: DVC waits for its lock, MLflow's client retries requests, and the same work on the same
    data would fail again.
    """
    hide_tracebacks()
    try:
        settings = load_settings()
        late = too_late(flow_run.scheduled_start_time, datetime.now(UTC), settings.retrain.too_late_min)
        if late:
            return _ended(SKIPPED, late)
        with exclusive_lock():
            return _retrain(settings)
    except AtWorkError as fault:
        return _ended(SKIPPED, str(fault))
    except IrstdError as fault:
        return _failed(str(fault))
    except Exception as fault:
        line = storage_line(fault, STORE)
        if line is None:
            raise
        return _failed(line)


def _failed(line: str) -> State[Any]:
    get_run_logger().error(line)
    return Failed(message=line)


def _retrain(settings: Settings) -> State[Any]:
    where = Layout(settings.dataset)
    if pending():
        tell("a run before this one did not end; undoing what it changed")
        undo()
    put_back(Path(settings.retrain.inbox))
    news = inbox.look(settings)
    for line in news.arriving:
        tell(line)
    if not news:
        return _ended(NOTHING_NEW, inbox.nothing_new(settings))
    if news.sets:
        tell(f"new in {settings.retrain.inbox}: {', '.join(each.name for each in news.sets)}")
    for line in inbox.settle_base(where, news):
        tell(line)
    admitted = _admitted(where, news)
    merged = _merged(settings, where, [each.staged for each in admitted if each.staged])
    if merged is None and not news.changed:
        state = _ended(
            NOTHING_NEW, "nothing to learn from: no set in the inbox passed its audit and brings a new frame"
        )
    else:
        state = _with_new_data(settings, where, merged)
    for each in admitted:
        _archive(each)
    return state


def _admitted(where: Layout, news: inbox.News) -> list[inbox.Audited]:
    """Return the accepted sets; the others go to quarantine or are in the dataset already."""
    inbox.clear()
    known, admitted = known_sets(where.raw) if news.sets else frozenset[str](), list[inbox.Audited]()
    for waiting in news.sets:
        audited = inbox.admit(waiting, where.raw, known)
        if audited.reason:
            tell(quarantine(waiting, audited.reason))
        elif audited.staged:
            admitted.append(audited)
        else:
            tell(f"{waiting.name} is in the dataset already")
            _archive(audited)
    return admitted


def _merged(settings: Settings, where: Layout, sets: list[StagedSet]) -> Path | None:
    """Return the folder of the next version of the dataset; None if the sets add no frame."""
    if not sets:
        return None
    _watch(settings, sets)
    folder, added = inbox.merge(check_dataset(where.raw), sets, settings.retrain, settings.compute.seed)
    for each in added:
        tell(inbox.counts(each))
    return folder if any(each.splits for each in added) else None


def _with_new_data(settings: Settings, where: Layout, merged: Path | None) -> State[Any]:
    remember(where)
    try:
        if merged is None:
            tell(f"{where.raw} has another version than the one last learned from")
        else:
            place(merged, where.raw, replace=True)
            tell(f"{where.raw}: versioned as {where.raw}.dvc (commit it, and dvc.lock)")
        outcome = _reproduce_and_promote(settings)
    except BaseException as fault:
        kind = "" if isinstance(fault, IrstdError) else f"{type(fault).__name__} "  # a signal has but its number
        tell(f"failed, so what was changed is undone: {storage_line(fault, STORE) or f'{kind}{fault}'}")
        undo()
        raise
    forget()
    return _ended(PROMOTED if outcome.changed else REFUSED, outcome.line)


def _watch(settings: Settings, sets: list[StagedSet]) -> None:
    """Report drift of the new frames; they are learned from in any case."""
    from pipelines.drift import watch

    frames = [path for each in sets for path in sorted((each.folder / "images").glob("*.png"))]
    tell(f"drift: comparing {counted(len(frames), 'new frame')} with those learned from")
    try:
        tell(str(watch(settings, frames)))
    except Exception as fault:  # a report alone, which keeps no frames out
        tell(f"drift: cannot be told: {type(fault).__name__}: {in_one_line(fault)}")


def _reproduce_and_promote(settings: Settings) -> "Outcome":
    from pipelines.promote import promote
    from pipelines.reproduce import reproduce
    from pipelines.servers.embedded import ray_head

    tell("reproducing what this changes, then asking the gate; the flows `reproduce` and `promote` log it")
    with ray_head():
        reproduce(settings)
    return promote(settings)


def too_late(planned: datetime | None, now: datetime, most_min: float) -> str:
    """Return why a planned run is too late to start; empty if it starts, as a run by hand does."""
    late_min = (now - planned).total_seconds() / 60.0 if planned else 0.0
    if planned is None or late_min <= most_min:
        return ""
    return (
        f"was planned for {planned:%Y-%m-%d %H:%M} UTC, {late_min:.0f} min ago; more than retrain.too_late_min = "
        f"{most_min:g} is too late, the next planned run looks for new data"
    )


def _archive(audited: inbox.Audited) -> None:
    line = archive(audited.waiting, audited.digest)
    if line:
        tell(line)


def _ended(name: str, line: str) -> State[Any]:
    tell(f"{name}: {line}")
    return Completed(name=name, message=line)


def tell(line: str) -> None:
    """Print a line, and log it with the run."""
    say(f"retrain: {line}")
