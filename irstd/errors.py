"""The error tree. A message says where, what was needed, what came and what to do, on one line."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")

_LOGIN = re.compile(r"(\w://)(?:[^\s/:@]*:\S*|[^\s/:@]+)@")  # of an address; a password may hold any sign
_SECRET = re.compile(r"([?&][\w-]*(?:passw|pwd|secret|token|key)[\w-]*=)[^&\s]+", re.IGNORECASE)
# Control characters, halves of characters, and what turns the direction of a text or breaks its line.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def masked(text: str) -> str:
    """Return `text` with *** in place of the logins and secrets of addresses in it."""
    return _SECRET.sub(r"\1***", _LOGIN.sub(r"\1***@", text))


def printable(text: str) -> str:
    """Return `text` as a terminal may show it: masked, and with escapes for what would change the terminal or the line.

    Names of files may hold anything; every message and every cell of a table goes through here.
    """
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), masked(text))


class IrstdError(Exception):
    """An error that the user can correct; the command line prints it as one line without a traceback."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(masked(each) if isinstance(each, str) else each for each in arguments))


class SettingsError(IrstdError):
    """A value in params.yaml or an option is not allowed."""


class DataError(IrstdError):
    """A frame, mask, label or dataset is missing, unreadable or inconsistent."""


class ModelError(IrstdError):
    """A bundle or its weights cannot be used."""


class TrainingError(IrstdError):
    """A fit cannot continue, for example because its loss is not finite."""


class ScoreError(IrstdError):
    """Predictions cannot be scored: wrong shape or range, or not finite."""


class ComputeError(IrstdError):
    """Resources are missing, or a task on them failed."""


class RegistryError(IrstdError):
    """The tracking store or the model registry lacks what was asked for."""


class UnknownNameError(IrstdError):
    """An unknown name; the message lists the known ones."""


def lookup(table: Mapping[str, T], name: str, kind: str) -> T:
    """Return the entry of `name`.

    Raises:
        UnknownNameError: no such entry; the message names the closest one and lists all.
    """
    if name in table:
        return table[name]
    close = get_close_matches(str(name), list(table), n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise UnknownNameError(f"unknown {kind} '{name}': {hint}known: {', '.join(sorted(table))}")


def in_one_line(fault: Exception) -> str:
    """Return the message of another package's error, in one line of at most 200 characters."""
    return shortened(fault, 200)


def shortened(value: object, most: int = 80) -> str:
    """Return what a message quotes, in one line of at most `most` characters."""
    words = " ".join(str(value).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"
