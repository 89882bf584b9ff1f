"""Allowed values of a section's fields, stated once in their annotations."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from irstd.settings.faults import SectionError, shown


class Rule(ABC):
    """A condition on a value beyond its type, with its wording as text."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Return True if the value is allowed."""

    def require(self, value: Any) -> Any:
        """Return the value, or raise `SectionError`."""
        if not self.holds(value):
            raise SectionError({"": f"must be {self}, not {shown(value)}"})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Let pydantic call `require`, so that it names this fault together with all others."""
        return {
            "type": "function-after",
            "function": {"type": "no-info", "function": self.require},
            "schema": handler(source),
        }


@dataclass(frozen=True)
class Bounds(Rule):
    """The allowed values of a finite number; None: no such bound."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    multiple_of: int | None = None

    def holds(self, value: float) -> bool:
        """Return True if the number is allowed; infinity and NaN never are."""
        return (
            math.isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.multiple_of is None or value % self.multiple_of == 0)
        )

    def __str__(self) -> str:
        named = (("at least", self.least), ("above", self.above), ("at most", self.most), ("below", self.below))
        said = [f"{name} {bound:g}" for name, bound in named if bound is not None]
        return " and ".join(
            [*(said or ["finite"]), *([f"a multiple of {self.multiple_of}"] if self.multiple_of else [])]
        )


@dataclass(frozen=True)
class Text(Rule):
    """The allowed form of a text: a regular expression, and the same in words."""

    pattern: str
    words: str

    def holds(self, value: str) -> bool:
        """Return True if the whole text has the form."""
        return re.fullmatch(self.pattern, value) is not None

    def __str__(self) -> str:
        return self.words


Finite = Annotated[float, Bounds()]
Count = Annotated[int, Bounds(least=1, most=1e9)]
Share = Annotated[float, Bounds(least=0, most=1)]
Positive = Annotated[float, Bounds(above=0)]
NotNegative = Annotated[float, Bounds(least=0)]
Name = Annotated[
    str, Text(r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, dots, dashes and underscores, not starting with a dash")
]

RowName = Annotated[
    str,
    Text(
        r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
        "letters, digits, dashes and underscores alone (DVC takes no others), at most 64, no dash first",
    ),
]
"""A name under `variants` or `references`, which names stages and parameters of DVC."""


class Section:
    """Base of every section: a frozen dataclass whose values are checked once it is built."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}  # read by `load`; an unknown name is a fault

    def __post_init__(self) -> None:
        """Raise `SectionError` for values that are not allowed; it names every field at fault."""
        faults = {place: wrong for place, wrong in self._relations().items() if isinstance(wrong, str)}
        kind: Any = type(self)
        for name, hint in hints_of(kind).items():
            value = getattr(self, name)
            needs = list(_unmet(hint, value))
            if needs:
                faults[name] = f"must be {' and '.join(needs)}, not {shown(value)}"
        if faults:
            raise SectionError(faults)

    def _relations(self) -> dict[str, bool | str]:
        """Return what no annotation of a single field can say, by the field that is named: True, or what is wrong."""
        return {}


@cache
def hints_of(kind: type[Any]) -> dict[str, Any]:
    """Return the annotations of a section's fields by name, with their rules."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.__dataclass_fields__ if name in hints}


def _unmet(hint: Any, value: Any) -> Iterator[str]:
    """Yield what `hint` asks for and `value` is not."""
    kind, parts = get_origin(hint), get_args(hint)
    if kind is Annotated:
        yield from (str(rule) for rule in hint.__metadata__ if not rule.holds(value))
    elif kind is Literal and value not in parts:
        yield f"one of {', '.join(map(str, parts))}"
    elif kind in (Union, UnionType) and value is not None:
        inner = [part for part in parts if part is not type(None)]
        if len(inner) == 1:  # of several none has bounds
            yield from _unmet(inner[0], value)
    elif kind is tuple:
        yield from (f"{need} each" for part, each in zip(parts, value, strict=True) for need in _unmet(part, each))
