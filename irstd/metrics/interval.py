"""An interval of a figure, and the one way in which figures and intervals are written."""

from dataclasses import dataclass
from math import isnan

UNDEFINED = "–"
"""Sign of a figure without a value."""


@dataclass(frozen=True)
class Interval:
    """The ends of an interval, both inside; `value in interval`."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def number(value: float | None, digits: int, *, signed: bool = False) -> str:
    """Write `value` with so many decimals, `signed` with its sign; an en dash for None and NaN."""
    if value is None or isnan(value):
        return UNDEFINED
    return f"{value:{'+' if signed else ''}.{digits}f}"


def with_interval(
    value: float | None, interval: Interval | None, digits: tuple[int, int], *, gap: str = " ", signed: bool = False
) -> str:
    """Write `70.21 [64.1, 75.8]`; the value alone where it has no interval.

    Args:
        value: the figure.
        interval: its interval.
        digits: decimals of the value and of the ends.
        gap: text between the two.
        signed: write all three with their signs.
    """
    shown = number(value, digits[0], signed=signed)
    if interval is None or shown == UNDEFINED:
        return shown
    low, high = (number(end, digits[1], signed=signed) for end in (interval.low, interval.high))
    return f"{shown}{gap}[{low}, {high}]"
