"""A validation fault as one line a person can act on."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel


def fault_line(where: str, fault: Mapping[str, Any], root: type[BaseModel]) -> str:
    """`where` and the dotted place of a pydantic fault, what is wrong with it and what came."""
    place = [str(part) for part in fault["loc"] if part not in ("range", "choices")]
    if fault["type"] == "extra_forbidden":
        return f"{where}: {'.'.join(place)}: unknown name{_known(place, root)}"
    named = f"{where}: {'.'.join(place)}" if place else where
    if fault["type"] == "dict_type":
        return f"{named}: needs a mapping of name to settings, such as `spire: {{}}`"
    message = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    given = fault.get("input")
    plain = isinstance(given, str | int | float) and fault["type"] != "missing"
    return f"{named}: {message}{f' (got {given!r})' if plain else ''}"


def _known(place: list[str], root: type[BaseModel]) -> str:
    section: Any = root
    for part in place[:-1]:
        entry = getattr(section, "model_fields", {}).get(part)
        if entry is not None:
            section = entry.annotation
        else:  # a name within a mapping of sections, such as variants.spire
            section = next((kind for kind in getattr(section, "__args__", ()) if hasattr(kind, "model_fields")), None)
    names = list(getattr(section, "model_fields", {}))
    close = get_close_matches(place[-1], names, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known: {', '.join(sorted(names))}" if names else ""
