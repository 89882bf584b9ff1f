"""Sections from plain values where pydantic may be absent: settings of a detector, overrides, profiles."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from irstd.errors import IrstdError
from irstd.settings.faults import SectionError, shown

S = TypeVar("S")

TYPE_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    bytes: "bytes",
    NoneType: "null",
}


def checked_settings(kind: type[S], values: object, where: str) -> S:
    """Return the frozen dataclass `kind` with `values`; a setting that is not named keeps its default.

    A value must have the very type: no text for a number, no true for 1; a whole number passes as a float.

    Raises:
        SectionError: all names that are unknown or missing, and all values of a wrong type; else whatever `kind`
            itself refuses. Places begin with `where`.
    """
    if not isinstance(values, Mapping):
        raise SectionError({where: f"must be a mapping of names to values, got {shown(values)}"})
    known, hints = {field.name: field for field in fields(kind)}, get_type_hints(kind)  # type: ignore[arg-type]
    faults = {str(name): unknown_name(str(name), known) for name in values if name not in known}
    for name, field in known.items():
        if name not in values and field.default is MISSING and field.default_factory is MISSING:
            faults[name] = "is missing; give it a value"
    given: dict[str, object] = {}
    for name in values.keys() & known:
        try:
            given[name] = _checked(hints[name], values[name])
        except ValueError as fault:
            faults[name] = str(fault)
    if faults:
        raise SectionError(faults).within(where)
    try:
        return kind(**given)
    except SectionError as refused:
        raise refused.within(where) from None
    except IrstdError as fault:
        raise SectionError({where: str(fault)}) from fault


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return what is wrong with a name that a section does not have, and the closest one that it has."""
    close = get_close_matches(name, list(known), n=1)
    if close:
        return f"unknown name; did you mean {close[0]}?"
    return f"unknown name; known: {', '.join(sorted(known)) or 'none'}"


def _checked(hint: Any, value: object) -> object:
    """Return `value` if it is of the type `hint`, a whole number made a float where a float is wanted."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for option in options:
        if get_origin(option) is Literal:
            if any(value == choice and type(value) is type(choice) for choice in get_args(option)):
                return value
        elif get_origin(option) is tuple:
            if isinstance(value, list | tuple) and len(value) == len(get_args(option)):
                return tuple(_checked(part, each) for part, each in zip(get_args(option), value, strict=True))
        elif get_origin(option) is dict:
            if isinstance(value, Mapping):
                return dict(value)
        elif option is float and type(value) in (int, float):
            return float(value)  # type: ignore[arg-type]  # checked on the line above
        elif type(value) is option:
            return value
    raise ValueError(f"must be {' or '.join(map(_named, options))}, got {shown(value)}")


def _named(option: Any) -> str:
    if get_origin(option) is Literal:
        return " or ".join(str(choice) for choice in get_args(option))
    if get_origin(option) is tuple:
        return f"a list of {len(get_args(option))}"
    if get_origin(option) is dict:
        return "a mapping of settings"
    return TYPE_WORDS.get(option, str(option))
