"""What a person does with champions: make a version champion, take the champion back; with the record of the gate."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from irstd.errors import IrstdError, RegistryError
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.promotion import Verdict, judge
from irstd.promotion.candidates import (
    compare_today,
    contest_of,
    evaluation_set,
    limits_of,
    present_champion,
    registered_candidate,
)
from irstd.promotion.champions import crown, roll_back
from irstd.promotion.history import BY_PERSON, Entry
from irstd.promotion.record import Outcome, describe, require_room_for_record, retitle, write_record
from irstd.settings.project import Settings
from irstd.tracking import Store, get_version, load_version, open_store


@dataclass(frozen=True)
class Handed:
    """What came of it: the history's entry, None where the gate refused; and the reasons."""

    entry: Entry | None
    reasons: tuple[str, ...]


def promote_version(settings: Settings, number: str, override: str | None, tell: Callable[[str], None]) -> Handed:
    """Have the gate judge a version against the champion today, and make it champion if it passes.

    A reason to `override` makes it champion although the gate refuses, or although the champion does not load any
    more; that the version loads is asked for all the same.

    Raises:
        RegistryError: there is no such version, it does not load, or is champion already: nothing changed.
        DataError: the dataset is not prepared.
    """
    where, store, limits = Layout(settings.dataset), open_store(find_root()), limits_of(settings)
    torch.set_num_threads(settings.compute.fit.cpus)
    version, champion = get_version(store, number), present_champion(store)
    if champion is not None and champion.version == number:
        raise RegistryError(f"version {number} is champion already; nothing changed")
    frames = evaluation_set(where, ())
    rivals = [champion.version] if champion and (override is None or _loads(store, champion.version)) else []
    comparison = compare_today(store, where, [*rivals, number], settings.compute.seed, tell)
    contest = contest_of(comparison, number, settings.budget.metric)
    candidate = registered_candidate(store, where, version, contest.challenger.score)
    passes, reasons = judge(candidate, champion, contest, limits)
    if override is not None:
        reasons = (f"a person overrides the gate: {override}", *reasons)
    if not passes and override is None:
        return Handed(None, reasons)
    verdict = Verdict(candidate, champion=True, reasons=reasons)
    outcome = Outcome(BY_PERSON, "; ".join(reasons), [verdict], {candidate.bundle: version}, comparison, frames)
    require_room_for_record()
    entry = crown(store, version, BY_PERSON, outcome.why, champion.version if champion else None)
    describe(store, where, outcome, verdict)
    write_record(store, settings, outcome)
    return Handed(entry, reasons)


def roll_back_champion(settings: Settings | None, why: str) -> Entry:
    """The champion before the present one is champion again, at once: nothing is scored, but it must load.

    Raises:
        RegistryError: there is none, or it does not load; nothing changed.
    """
    store = open_store(find_root() if settings else Path.cwd())
    if settings is not None:
        require_room_for_record()
    entry = roll_back(store, why)
    if entry.before is not None:
        retitle(store, entry.before, f"{entry.when[:10]}: {why}")
    retitle(store, entry.version, f"{entry.when[:10]}: champion again, in the place of version {entry.before}: {why}")
    if settings is not None:
        write_record(store, settings, Outcome(entry.action, why))
    return entry


def _loads(store: Store, number: str) -> bool:
    try:
        load_version(store, number)
    except IrstdError:
        return False
    return True
