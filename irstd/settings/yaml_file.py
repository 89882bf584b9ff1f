"""Settings files: YAML with a mapping at its top."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from irstd.errors import DataError, SettingsError, in_one_line
from irstd.files import read_bytes


class _Loader(yaml.SafeLoader):
    """PyYAML takes `1e-4` for a text, as YAML 1.1 did; YAML 1.2, and DVC with it, take it for a number."""


_Loader.yaml_implicit_resolvers = {key: list(found) for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


_MOST_BYTES = 1 << 18
_MOST_DEPTH, _MOST_PARTS = 20, 20_000
_WHOLE = range(-(2**63), 2**63)


def read_yaml(path: Path, sections: tuple[str, ...], hint: str) -> dict[str, Any]:
    """Return the sections in a file as they are written; an empty one is a mapping without entries.

    Args:
        path: the file.
        sections: the sections that it may have.
        hint: what to do if it cannot be read.

    Raises:
        SettingsError: it cannot be read, is no YAML, or holds no sections.
    """
    try:
        content = parse_yaml(read_bytes(path, _MOST_BYTES).decode(), str(path))
    except DataError as fault:
        raise SettingsError(f"{fault}; {hint}") from fault
    except UnicodeDecodeError as fault:
        raise SettingsError(f"{path}: is no UTF-8 text ({fault.reason}); save it as UTF-8") from fault
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: needs the sections {', '.join(sections)}")
    return {str(name): {} if part is None else part for name, part in content.items()}


def parse_yaml(text: str, where: str) -> Any:
    """Return the plain values of a text.

    Raises:
        SettingsError: it is no YAML, or holds what no settings hold: numbers beyond 64 bit, deep lists, or so many
            values, of which aliases can make any number; the message begins with `where`.
    """
    try:
        content = yaml.load(text, _Loader)
    except RecursionError:
        raise SettingsError(f"{where}: is nested deeper than {_MOST_DEPTH} levels; write it plainly") from None
    except (yaml.YAMLError, ValueError) as fault:  # a ValueError: a number of thousands of digits, an impossible date
        raise SettingsError(f"{where}: is no YAML: {in_one_line(fault)}") from fault
    _check_plain(content, where)
    return content


def read_assignments(texts: Sequence[str], option: str) -> dict[str, Any]:
    """Return texts of the form NAME=VALUE as plain values by name.

    Args:
        texts: as a command line has them.
        option: its name, for messages.

    Raises:
        SettingsError: a text has no =, or its value is no YAML.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(f"{option} {text}: needs NAME=VALUE, such as learning_rate=0.003")
        found[name] = parse_yaml(value, f"{option} {name}")
    return found


def _check_plain(content: object, where: str) -> None:
    """Raise unless all parts are few, not deep, and of kinds that JSON has too."""
    waiting: list[tuple[object, str, int]] = [(content, "", 0)]
    parts = 0
    while waiting:
        value, place, depth = waiting.pop()
        parts += 1
        fault = _fault(value, depth) if parts <= _MOST_PARTS else f"holds more than {_MOST_PARTS} values"
        if fault:
            raise SettingsError(f"{where}: {place[:80]}{': ' if place else ''}{fault}; write it plainly")
        if isinstance(value, dict):
            waiting += [(key, place, depth + 1) for key in value if isinstance(key, str)]
            waiting += [(each, f"{place}.{key}".strip("."), depth + 1) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(each, place, depth + 1) for each in value]


def _fault(value: object, depth: int) -> str:
    if depth > _MOST_DEPTH:
        return f"is nested deeper than {_MOST_DEPTH} levels"
    if isinstance(value, dict) and not all(key is None or isinstance(key, str | int | float) for key in value):
        return "a name in it is no text"
    if isinstance(value, int) and value not in _WHOLE:
        return "holds a whole number beyond 64 bit"
    if isinstance(value, float) and not math.isfinite(value):
        return "holds a number that is not finite"
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
        return "holds half of a character"
    return ""
