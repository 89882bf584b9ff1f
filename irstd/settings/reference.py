"""The reference of settings: names, meanings, defaults and allowed values, read from the dataclasses of the sections.

A meaning stands in the docstring of its dataclass, a default and what is allowed in its field; nowhere else.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml

from irstd.settings.bounds import hints_of
from irstd.settings.checked import TYPE_WORDS
from irstd.settings.project import Settings

_ATTRIBUTE = re.compile(r"^ {4}(\S.*?): (.*(?:\n {5,}.*)*)", re.MULTILINE)


@dataclass(frozen=True)
class Setting:
    """A setting as a reader of params.yaml needs it.

    Attributes:
        name: dotted; NAME in it stands for a name of the user's own.
        meaning: a phrase.
        default: as YAML has it; empty where a value must be given.
        allowed: its type and range, or the choices.
    """

    name: str
    meaning: str
    default: str
    allowed: str


@dataclass(frozen=True)
class SettingsGroup:
    """Settings that stand together: a section of params.yaml, its own names at the top, or a detector's.

    Attributes:
        name: that of the section; empty for the names at the top.
        meaning: a sentence.
        settings: its settings, in the order of the dataclass.
    """

    name: str
    meaning: str
    settings: Sequence[Setting]


def settings_reference() -> list[SettingsGroup]:
    """Return all settings of params.yaml and of profiles, the names at the top first."""
    hints, meanings = hints_of(Settings), _meanings(Settings)
    sections = {name: kind for name, hint in hints.items() if (kind := _section(hint)) is not None}
    plain = [_setting(each, "", hints, meanings) for each in fields(Settings) if each.name not in sections]
    top = SettingsGroup("", "What a run is about.", plain)
    return [top, *(group_of(kind, name, _prefix(name, hints[name])) for name, kind in sections.items())]


def group_of(kind: type[Any], name: str, prefix: str) -> SettingsGroup:
    """Return the settings of a dataclass, each called `prefix` and its own name."""
    summary = " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())
    return SettingsGroup(name, summary, list(_settings(kind, prefix)))


def as_yaml(value: object) -> str:
    """Return a value in one line as YAML has it."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=1e6, sort_keys=False)
    return str(text).removesuffix("...\n").strip()


def _settings(kind: Any, prefix: str) -> Iterator[Setting]:
    """Yield the settings of a dataclass; those of a section inside it by their dotted names."""
    hints, meanings = hints_of(kind), _meanings(kind)
    for field in fields(kind):
        inner = _section(hints[field.name])
        if inner is None:
            yield _setting(field, prefix, hints, meanings)
        else:
            whole = meanings[field.name]
            for each in _settings(inner, f"{prefix}{field.name}."):
                yield replace(each, meaning=f"{whole}: {each.meaning}")


def _section(hint: Any) -> type[Any] | None:
    """Return the dataclass of a section, or of each of a mapping's; None for another annotation."""
    kind = get_args(hint)[1] if get_origin(hint) is dict else hint
    return kind if isinstance(kind, type) and is_dataclass(kind) else None


def _prefix(name: str, hint: Any) -> str:
    return f"{name}.NAME." if get_origin(hint) is dict else f"{name}."


def _setting(field: "Field[Any]", prefix: str, hints: dict[str, Any], meanings: dict[str, str]) -> Setting:
    made = field.default_factory() if field.default_factory is not MISSING else field.default
    default = "" if made is MISSING else as_yaml(made)
    return Setting(f"{prefix}{field.name}", meanings[field.name], default, _allowed(hints[field.name]))


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Return the meanings in the docstrings of a dataclass and of those it extends, by field."""
    found = dict[str, str]()
    for each in reversed(kind.__mro__):
        listed = inspect.cleandoc(each.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
        for names, text in _ATTRIBUTE.findall(listed):
            said = " ".join(text.split()).removesuffix(".")
            found |= dict.fromkeys(names.split(", "), re.sub(r"\bNone\b", "null", said))  # as YAML has it
    return found


def _allowed(hint: Any) -> str:
    """Return what an annotation allows, in words."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind is Annotated:
        rules = ", ".join(str(rule) for rule in hint.__metadata__)
        return rules if parts[0] is str else f"{_allowed(parts[0])}, {rules}"
    if kind is Literal:
        return f"one of {', '.join(map(str, parts))}"
    if kind in (Union, UnionType):
        inner = [_allowed(part) for part in parts if part is not NoneType]
        return ", or ".join([*inner, *(["null"] if NoneType in parts else [])])
    if kind is tuple:
        return f"a list of {len(parts)}, each {_allowed(parts[0])}"
    return "a mapping" if kind is dict else TYPE_WORDS[hint]
