"""Lines of progress and of faults, for the person at the console."""

import sys
from collections.abc import Mapping

from rich.console import Console

from irstd.errors import printable

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

_ROW_STEPS = 25  # a fit gives a row of its curve that often


def say(line: str) -> None:
    """Print a line of progress."""
    console.print(printable(line), markup=False)


def shown(hse: float | None) -> str:
    """Return an HSE as a line of progress shows it."""
    return "undefined" if hse is None else f"{hse:.1f}"


def say_progress(prefix: str, step: int, steps: int, figures: Mapping[str, float | None]) -> None:
    """Print a line for each validation of a fit, and for about every tenth part of it."""
    scored = f", HSE {shown(figures['hse'])} on validation" if "hse" in figures else ""
    tenth = step * 10 // steps > (step - _ROW_STEPS) * 10 // steps
    if scored or tenth:
        say(f"{prefix}step {step} of {steps}, loss {figures.get('loss') or 0.0:.4f}{scored}")
