"""Settings of a model out of plain values, as they stand in a file."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from irstd.errors import ModelError

S = TypeVar("S")


def checked_settings(kind: type[S], values: Mapping[str, object], where: str) -> S:
    """The frozen dataclass `kind` with `values`; a setting that is not named keeps its default.

    Only values of the very type pass: no text for a number, no true for 1; a whole number passes as a float.

    Raises:
        ModelError: an unknown or missing name, a wrong type, a value that is no choice, or whatever `kind` itself
            refuses; the message begins with `where`.
    """
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # S is a dataclass by contract
    for name in values:
        if name not in known:
            close = get_close_matches(str(name), list(known), n=1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ModelError(f"{where}: unknown setting '{name}': {hint}known: {', '.join(sorted(known)) or 'none'}")
    missing = [n for n, f in known.items() if n not in values and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise ModelError(f"{where}: setting {missing[0]} is missing; give it a value")
    hints = get_type_hints(kind)
    return kind(**{name: _checked(hints[name], value, f"{where}: {name}") for name, value in values.items()})


def _checked(hint: Any, value: object, where: str) -> object:
    """`value` if it is of the type `hint`, a whole number made a float where a float is wanted."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for option in options:
        if get_origin(option) is Literal:
            if any(value == choice and type(value) is type(choice) for choice in get_args(option)):
                return value
        elif get_origin(option) is tuple:
            if isinstance(value, list | tuple) and len(value) == len(get_args(option)):
                return tuple(_checked(part, each, where) for part, each in zip(get_args(option), value, strict=True))
        elif get_origin(option) is dict:
            if isinstance(value, Mapping):
                return dict(value)
        elif option is float and type(value) in (int, float):
            return float(value)  # type: ignore[arg-type]  # checked on the line above
        elif type(value) is option:
            return value
    raise ModelError(f"{where} must be {' or '.join(map(_named, options))}, got {value!r}")


def _named(option: Any) -> str:
    if get_origin(option) is Literal:
        return " or ".join(str(choice) for choice in get_args(option))
    if get_origin(option) is tuple:
        return f"a list of {len(get_args(option))}"
    if get_origin(option) is dict:
        return "a mapping of settings"
    names = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        str: "a text",
        bytes: "bytes",
        NoneType: "null",
    }
    return names.get(option, str(option))
