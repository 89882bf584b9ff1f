"""The error tree. A message says where, what was needed, what came and what to do, on one line."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class IrstdError(Exception):
    """An error that the user can correct; the command line prints it as one line without a traceback."""


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
