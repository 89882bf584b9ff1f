"""Findings of an audit: one for each kind of fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """All cases of one fault in one place.

    Attributes:
        severity: an error makes scores wrong or the dataset unusable; a warning does not.
        rule: short name of the rule.
        message: one line: where, what, what to do; all paths are relative to the dataset.
        names: all frames concerned, sorted; or files, if they have no frame.
    """

    severity: Severity
    rule: str
    message: str
    names: tuple[str, ...] = ()


def error(rule: str, message: str, names: Sequence[str] = ()) -> Finding:
    """Make a finding that must be corrected first."""
    return Finding("error", rule, message, tuple(names))


def warning(rule: str, message: str, names: Sequence[str] = ()) -> Finding:
    """Make a finding that does not keep the dataset from being used."""
    return Finding("warning", rule, message, tuple(names))


def counted(number: int, noun: str) -> str:
    """Return the number with its noun: `1 frame`, `2 frames`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
