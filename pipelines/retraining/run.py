"""The work of one retraining."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from irstd.curation.audit import check_dataset, counted
from irstd.curation.intake import InboxSet, StagedSet, known_sets
from irstd.errors import IrstdError
from irstd.files.disk_faults import storage_line
from irstd.project.paths import Layout
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door.command import STORE
from pipelines.door.console import say
from pipelines.door.flows import hide_tracebacks
from pipelines.retraining import inbox
from pipelines.retraining.lock import AtWorkError, exclusive_lock
from pipelines.retraining.undo import forget, pending, remember, undo
from pipelines.servers.abandoned import tag_runs

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
        with exclusive_lock(), tag_runs():
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
    news = inbox.look(settings)
    for line in news.arriving:
        tell(line)
    if not news:
        return _ended(NOTHING_NEW, inbox.nothing_new(settings))
    if news.sets:
        tell(f"new in {settings.retrain.inbox}: {', '.join(each.name for each in news.sets)}")
    for line in inbox.settle_base(where, news):
        tell(line)
    sets = _admitted(where, news)
    merged = _merged(settings, where, [staged for _, staged in sets])
    if merged is None and not news.changed:
        for waiting, _ in sets:
            _archive(waiting)
        return _ended(NOTHING_NEW, "nothing to learn from: no set in the inbox passed its audit and brings a new frame")
    state = _with_new_data(settings, where, merged)
    for waiting, _ in sets:
        _archive(waiting)
    return state


def _admitted(where: Layout, news: inbox.News) -> list[tuple[InboxSet, StagedSet]]:
    """Return the accepted sets; the others go to quarantine or are in the dataset already."""
    inbox.clear()
    known, admitted = known_sets(where.raw) if news.sets else frozenset[str](), list[tuple[InboxSet, StagedSet]]()
    for waiting in news.sets:
        staged = inbox.admit(waiting, where.raw, known)
        if isinstance(staged, StagedSet):
            admitted.append((waiting, staged))
        elif staged == inbox.ALREADY_IN:
            tell(f"{waiting.name} {staged}")
            _archive(waiting)
        else:
            tell(inbox.quarantine(waiting, staged))
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
            inbox.put_in_place(merged, where)
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
    except IrstdError as fault:
        tell(f"drift: cannot be told: {fault}")


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


def _archive(waiting: InboxSet) -> None:
    line = inbox.archive(waiting)
    if line:
        tell(line)


def _ended(name: str, line: str) -> State[Any]:
    tell(f"{name}: {line}")
    return Completed(name=name, message=line)


def tell(line: str) -> None:
    """Print a line, and log it with the run."""
    say(f"retrain: {line}")
    get_run_logger().info(line)
