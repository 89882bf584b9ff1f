"""The headline figures of a score: one list for DVC, MLflow, reports, model cards and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from irstd.metrics.interval import Interval, number, with_interval


@dataclass(frozen=True)
class Figure:
    """A headline figure.

    Attributes:
        id: its name in `Score`, score.json, hse.json and MLflow.
        title: its name in tables.
        digits: decimals of its value and of the ends of its interval.
        unit: of its value; empty for a score or a share.
        better: which values are better.
        scale: factor from a score to points of 0 to 100.
    """

    id: str
    title: str
    digits: tuple[int, int] = (3, 3)
    unit: str = ""
    better: Literal["high", "low"] = "high"
    scale: float = 1.0

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def shown(self, value: float | None) -> str:
        """Write the value as tables have it."""
        return number(value, self.digits[0])

    def with_interval(
        self, value: float | None, interval: Interval | None, *, gap: str = " ", signed: bool = False
    ) -> str:
        """Write the value and its interval as tables have them, or (signed) a difference of two values."""
        return with_interval(value, interval, self.digits, gap=gap, signed=signed)


HEADLINE = (
    Figure("hse", "HSE", digits=(2, 1)),
    Figure("pixel", "pixel", scale=100.0),
    Figure("target", "target", scale=100.0),
    Figure("precision", "P"),
    Figure("pd", "R = Pd"),
    Figure("f1", "F1"),
    Figure("fa_per_mpx", "Fa", digits=(1, 1), unit="px/Mpx", better="low"),
)
"""Every headline figure, in the order of the report's columns."""

FIGURES: Mapping[str, Figure] = {figure.id: figure for figure in HEADLINE}
BRIEF = tuple(FIGURES[name] for name in ("hse", "f1", "pd", "fa_per_mpx"))
"""The figures of tables that have room for few."""
BRACKETED = ("hse", "f1")
"""The figures that tables of all variants show with their interval."""


def headline(score: object) -> dict[str, float | None]:
    """Return the headline figures of a `Score` by id."""
    return {figure.id: getattr(score, figure.id) for figure in HEADLINE}
