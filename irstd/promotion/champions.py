"""Changes of the champion in the registry. A change that is cut off anywhere leaves one champion that loads.

First an entry of the history is written as begun, then the alias `champion` is set, which is one transaction of the
registry, then the rest follows: the alias `previous`, tags, the entry as done. The next `settle` or change finds an
entry that is only begun, and does the rest.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode

from irstd.errors import IrstdError, RegistryError
from irstd.promotion.history import ROLLED_BACK, Action, Entry, read_entries, settled, way_back
from irstd.tracking import CHAMPION, MODEL
from irstd.tracking.fetching import load_version
from irstd.tracking.registry import Version
from irstd.tracking.store import Store, locked, refusals

PREVIOUS, CHALLENGER = "previous", "challenger"
_MOST = 2000  # characters of a reason; a tag, which holds the whole entry, has 5000
VERDICT_TAG, REASONS_TAG, WITHDRAWN_TAG = "irstd.verdict", "irstd.reasons", "irstd.withdrawn"


@dataclass(frozen=True)
class RegistryState:
    """Champions as the registry has them.

    Attributes:
        aliases: versions by alias.
        history: entries, oldest first; the last may have been cut off.
        versions: all of the model.
    """

    aliases: dict[str, str]
    history: tuple[Entry, ...]
    versions: frozenset[str]

    @property
    def champion(self) -> str | None:
        """The version of the champion; None without one."""
        return self.aliases.get(CHAMPION)


def registry_state(store: Store) -> RegistryState:
    """Read the state; nothing is changed.

    Raises:
        RegistryError: the registry does not answer.
    """
    with refusals("the registry does not answer"):
        try:
            model = store.client.get_registered_model(MODEL)
        except MlflowException as fault:
            if fault.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                return RegistryState({}, (), frozenset())
            raise
        versions = store.client.search_model_versions(f"name = '{MODEL}'")
        aliases = {alias: str(version) for alias, version in model.aliases.items()}
        return RegistryState(aliases, read_entries(model.tags), frozenset(str(each.version) for each in versions))


def settle(store: Store) -> RegistryState:
    """Finish or void a change that was cut off, and return the state.

    Raises:
        RegistryError: the registry does not answer, or another process holds it.
    """
    with locked(store):
        return _settle(store)


def set_champion(store: Store, version: Version, action: Action, why: str, instead_of: str | None) -> Entry:
    """Make a version champion in place of `instead_of`, the champion that it was judged against.

    The returned entry is still `begun` if the version is champion but the rest is left to the next change.

    Raises:
        RegistryError: the version does not load or is champion already, another version is champion by now, or the
            registry refused.
    """
    load_version(store, version.number)
    with locked(store):
        now = _settle(store).champion
        if now == version.number:
            raise RegistryError(f"version {version.number} is champion already; nothing changed")
        if now != instead_of:
            raise RegistryError(
                f"version {version.number} was judged against {_named(instead_of)}, and {_named(now)} is champion by "
                "now; nothing changed, run it again"
            )
        return _change(store, version.number, now, action, why)


def roll_back(store: Store, why: str) -> Entry:
    """Make the champion before the present one champion again, and withdraw the present one.

    Raises:
        RegistryError: there is none, it does not load, or the registry refused; nothing changed.
    """
    with locked(store):
        found = _settle(store)
        before = way_back(found.history, found.versions)
        if found.champion is None:
            raise RegistryError("no version is champion, so none can be rolled back; nothing changed")
        if before is None:
            raise RegistryError(
                f"version {found.champion} is champion and none before it is left; nothing changed, "
                "`irstd models promote VERSION` makes any version champion"
            )
        try:
            load_version(store, before)
        except IrstdError as fault:
            raise RegistryError(f"version {before} was champion before, but {fault}; nothing changed") from fault
        return _change(store, before, found.champion, ROLLED_BACK, why)


def set_challenger(store: Store, version: Version) -> None:
    """Point the alias `challenger` to a version that is about to be judged, unless it is champion.

    Raises:
        RegistryError: the registry refuses.
    """
    with locked(store), refusals("the challenger cannot be named"):
        if _settle(store).champion != version.number:
            store.client.set_registered_model_alias(MODEL, CHALLENGER, version.number)


def _settle(store: Store) -> RegistryState:
    """Settle; the caller holds the lock."""
    found = registry_state(store)
    with refusals("the history of champions cannot be brought up to date"):
        changes = settled(found.history, found.champion, _now())
        for entry in changes:
            if entry.state == "void":
                _write(store, entry)
            else:
                _finish(store, entry, found)
    return registry_state(store) if changes else found


def _change(store: Store, version: str, before: str | None, action: Action, why: str) -> Entry:
    found = registry_state(store)
    number = found.history[-1].number + 1 if found.history else 1
    entry = Entry(number, _now(), action, version, before, why if len(why) <= _MOST else f"{why[:_MOST]} …")
    with refusals(f"version {version} could not be made champion"):
        _write(store, entry)
        store.client.set_registered_model_alias(MODEL, CHAMPION, version)
    with suppress(RegistryError), refusals("the rest is left to the next look"):
        _finish(store, entry, registry_state(store))
        return replace(entry, state="done")
    return entry


def _finish(store: Store, entry: Entry, found: RegistryState) -> None:
    """Do all that follows from the alias, with the entry as done last; each step may be repeated.

    `found` is the state with the alias set.
    """
    known = {each.number: each for each in found.history} | {entry.number: entry}
    previous = way_back(sorted(known.values(), key=lambda each: each.number), found.versions)
    if previous is not None:
        store.client.set_registered_model_alias(MODEL, PREVIOUS, previous)
    elif PREVIOUS in found.aliases:
        store.client.delete_registered_model_alias(MODEL, PREVIOUS)
    if found.aliases.get(CHALLENGER) == entry.version:
        store.client.delete_registered_model_alias(MODEL, CHALLENGER)
    withdrawn = entry.before if entry.action == ROLLED_BACK else None
    if withdrawn in found.versions:
        note = f"rolled back {entry.when[:10]}: {entry.why}"
        for tag, value in {VERDICT_TAG: "rolled back", REASONS_TAG: entry.why, WITHDRAWN_TAG: note}.items():
            store.client.set_model_version_tag(MODEL, withdrawn, tag, value)
    for tag, value in {VERDICT_TAG: entry.action, REASONS_TAG: entry.why, WITHDRAWN_TAG: ""}.items():
        store.client.set_model_version_tag(MODEL, entry.version, tag, value)
    _write(store, replace(entry, state="done"))


def _write(store: Store, entry: Entry) -> None:
    store.client.set_registered_model_tag(MODEL, entry.tag, entry.line)


def _named(version: str | None) -> str:
    return "no version" if version is None else f"version {version}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
