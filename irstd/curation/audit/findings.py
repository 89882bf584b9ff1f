"""What an audit finds: one line a kind of fault."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """All cases of one fault in one place.

    Attributes:
        severity: an error makes figures wrong or the dataset unusable; a warning is to be known.
        rule: the fault's short name.
        message: one line: where, what, what to do; it names no path but those inside the dataset.
        names: all frames that it concerns, sorted; files where there is no frame; none where it is not about any.
    """

    severity: Severity
    rule: str
    message: str
    names: tuple[str, ...] = ()


def error(rule: str, message: str, names: Sequence[str] = ()) -> Finding:
    """A fault that has to be mended first."""
    return Finding("error", rule, message, tuple(names))


def warning(rule: str, message: str, names: Sequence[str] = ()) -> Finding:
    """A fault that can be lived with."""
    return Finding("warning", rule, message, tuple(names))


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 frame`, `2 frames`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
