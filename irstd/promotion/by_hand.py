"""Manual promotion and rollback; both leave the same record as the gate."""

from collections.abc import Callable
from pathlib import Path

import torch

from irstd.errors import IrstdError, RegistryError
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.promotion.candidates import registered_candidate
from irstd.promotion.champions import roll_back, set_champion
from irstd.promotion.contest import compare_today, contest_of, current_champion, evaluation_set, limits_of
from irstd.promotion.describe import describe, retitle
from irstd.promotion.figures import Case, Champion, Reason, Verdict
from irstd.promotion.gate import judge
from irstd.promotion.history import BY_PERSON, Entry
from irstd.promotion.outcome import KEPT, Outcome
from irstd.promotion.record import require_room_for_record, write_record
from irstd.settings.project import Settings
from irstd.tracking.fetching import load_version
from irstd.tracking.registry import get_version
from irstd.tracking.store import Store, open_store


def promote_version(settings: Settings, number: str, override: str | None, tell: Callable[[str], None]) -> Outcome:
    """Have the gate judge a version against the champion today, and make it champion if it passes.

    Args:
        settings: of the project.
        number: the version.
        override: a reason to make it champion although the gate refuses it, or although the champion no longer loads;
            the version itself must load.
        tell: called with a line for each step.

    Raises:
        RegistryError: there is no such version, it does not load, or is champion already: nothing changed.
        DataError: the dataset is not prepared.
    """
    where, store, limits = Layout(settings.dataset), open_store(find_root()), limits_of(settings)
    torch.set_num_threads(settings.compute.fit.cpus)
    version, champion = get_version(store, number), current_champion(store)
    if champion is not None and champion.version == number:
        load_version(store, number)
        raise RegistryError(f"version {number} is champion already; nothing changed")
    frames = evaluation_set(where, ())
    rivals = [champion.version] if champion and (override is None or _loads(store, champion.version)) else []
    comparison = compare_today(store, where, [*rivals, number], settings.compute.seed, tell)
    contest = contest_of(comparison, limits.figure)
    candidate = registered_candidate(store, where, version, contest.challenger.score)
    verdict = judge(Case(candidate, champion, contest, limits))
    if override is not None:
        reason = Reason("override", f"a person overrides the gate: {override}")
        verdict = Verdict(candidate, True, (reason, *verdict.reasons))
    if not verdict.champion:
        return Outcome(KEPT, verdict.why, champion, champion, [verdict])
    new = Champion(number, candidate.variant, candidate.bundle)
    outcome = Outcome(BY_PERSON, verdict.why, champion, new, [verdict], {candidate.bundle: version}, comparison, frames)
    require_room_for_record()
    set_champion(store, version, BY_PERSON, outcome.why, champion.version if champion else None)
    describe(store, where, outcome, verdict)
    write_record(store, settings, outcome)
    return outcome


def roll_back_champion(settings: Settings | None, why: str) -> Entry:
    """Make the champion before the present one champion again. Nothing is scored, but it must load.

    Without settings (outside a project) no record is written.

    Raises:
        RegistryError: there is none, or it does not load; nothing changed.
    """
    store = open_store(find_root() if settings else Path.cwd())
    if settings is not None:
        require_room_for_record()
    entry = roll_back(store, why)
    if entry.before is not None:
        retitle(store, entry.before, f"{entry.when[:10]}: {why}")
    retitle(store, entry.version, f"{entry.when[:10]}: champion again in place of version {entry.before}: {why}")
    if settings is not None:
        write_record(store, settings, Outcome(entry.action, why))
    return entry


def _loads(store: Store, number: str) -> bool:
    try:
        load_version(store, number)
    except IrstdError:
        return False
    return True
