"""The history of champions, an entry a change, as tags of the registered model."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from irstd.errors import RegistryError

Action = Literal["promoted by the gate", "promoted by a person", "rolled back", "set elsewhere"]
State = Literal["begun", "done", "void"]

BY_GATE: Action = "promoted by the gate"
BY_PERSON: Action = "promoted by a person"
ROLLED_BACK: Action = "rolled back"
SET_ELSEWHERE: Action = "set elsewhere"

_PREFIX = "irstd.history."
_LINE = re.compile(
    r"version (?P<version>.*?) (?P<action>promoted by the gate|promoted by a person|rolled back|set elsewhere), "
    r"before it (?P<before>.*?); (?P<when>\S+) \((?P<state>begun|done|void)\): (?P<why>.*)",
    re.DOTALL,
)
_NONE = "none"


@dataclass(frozen=True)
class Entry:
    """One change of the champion.

    Attributes:
        number: 1, 2, …
        when: UTC, ISO 8601 to the second.
        action: the cause of the change.
        version: the champion from then on.
        before: the champion until then; None without one.
        why: the reasons, for people.
        state: `begun` before the alias is set, `done` after all steps; `void` if it was cut off and changed nothing.
    """

    number: int
    when: str
    action: Action
    version: str
    before: str | None
    why: str
    state: State = "begun"

    @property
    def tag(self) -> str:
        """The name of its tag."""
        return f"{_PREFIX}{self.number:05d}"

    @property
    def line(self) -> str:
        """The value of its tag, a line that people read on MLflow's page of the model."""
        begin = f"version {self.version} {self.action}, before it {self.before or _NONE}"
        return f"{begin}; {self.when} ({self.state}): {self.why}"

    @classmethod
    def read(cls, tag: str, value: str) -> "Entry":
        """Return the entry of a tag. Older ones are JSON.

        Raises:
            RegistryError: the value is neither.
        """
        if value.startswith("{"):
            return cls(**json.loads(value))
        found = _LINE.fullmatch(value)
        if found is None:
            raise RegistryError(f"{tag}: is no entry of the history of champions; restore it, or delete the tag")
        parts: dict[str, Any] = found.groupdict()
        parts["before"] = None if parts["before"] == _NONE else parts["before"]
        return cls(number=int(tag.removeprefix(_PREFIX)), **parts)


def read_entries(tags: Mapping[str, str]) -> tuple[Entry, ...]:
    """Return the entries among the tags of a registered model, oldest first."""
    found = (Entry.read(tag, value) for tag, value in tags.items() if tag.startswith(_PREFIX))
    return tuple(sorted(found, key=lambda entry: entry.number))


def settled(entries: Sequence[Entry], champion: str | None, when: str) -> tuple[Entry, ...]:
    """Return the entries to write so that the history explains the alias, which points to `champion`.

    An entry that is only begun took effect if the alias is where it says: it is returned as it is, for its other steps
    to be repeated. If the alias is elsewhere, it is returned as void. An alias that was moved by other means than irstd
    gets an entry.
    """
    last = entries[-1] if entries else None
    changes: list[Entry] = []
    if last is not None and last.state == "begun":
        if last.version == champion:
            return (last,)
        changes.append(replace(last, state="void"))
    held = next((entry.version for entry in reversed(entries) if entry.state == "done"), None)
    if champion is not None and champion != held:
        number = last.number + 1 if last else 1
        why = "the alias was set by other means than irstd" if entries else "champion before there was a history"
        changes.append(Entry(number, when, SET_ELSEWHERE, champion, held, why))
    return tuple(changes)


def way_back(entries: Sequence[Entry], versions: Collection[str]) -> str | None:
    """Return the version that a rollback leads to: the last champion before the present one among `versions`.

    A rollback takes back the change before it, so a second one goes one further back.
    """
    stack: list[str] = []
    for entry in entries:
        if entry.state == "void":
            continue
        if entry.action == ROLLED_BACK:
            while stack and stack[-1] != entry.version:
                stack.pop()
        if not stack or stack[-1] != entry.version:
            stack.append(entry.version)
    present = stack[-1] if stack else None
    return next((version for version in reversed(stack) if version != present and version in versions), None)
