"""The section `tune`, and what a variant's search draws from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from irstd.settings.bounds import Bounds, Count, Finite, Section
from irstd.settings.checked import checked_settings
from irstd.settings.faults import SectionError, shown

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Tune(Section):
    """A search: how many configurations, how many steps of each, and how they are scheduled.

    Attributes:
        trials: configurations that are tried; a variant can have a number of its own.
        steps: optimizer steps of a trial.
        scheduler: `all` runs every trial to its end, `asha` stops those that fall behind.
    """

    trials: Annotated[int, Bounds(least=1, most=10_000)] = 3
    steps: Count = 250
    scheduler: Literal["all", "asha"] = "all"


@dataclass(frozen=True)
class Range(Section):
    """Values between `low` and `high`, uniform or (log) uniform in the logarithm."""

    low: Finite
    high: Finite
    log: bool = False

    def _relations(self) -> dict[str, bool | str]:
        ordered = self.low < self.high and (self.low > 0 or not self.log)
        return {"low": ordered or "must be below high, and above 0 with log: true"}


Space = Sequence[Value] | Range


def read_space(given: object, where: str) -> Space:
    """Return what a search draws a setting from: a list of values or a range.

    Raises:
        SectionError: it is neither; names the place `where`.
    """
    if isinstance(given, dict):
        return checked_settings(Range, given, where)
    if not isinstance(given, list) or not given or not all(isinstance(each, Value) for each in given):
        raise SectionError({where: f"must be a list of values or a range {{low, high, log}}, got {shown(given)}"})
    return given


def bounds_of(space: Space) -> Sequence[Value]:
    """Return the values that must be allowed for all of a space to be: its ends, or each choice."""
    return (space.low, space.high) if isinstance(space, Range) else space
