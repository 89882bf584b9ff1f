"""Lines of progress and of faults, for the person at the console."""

import sys
from collections.abc import Mapping
from contextlib import suppress

from rich.console import Console

from irstd.errors import printable

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

_ROW_STEPS = 25  # a fit gives a row of its curve that often


def say(line: str) -> None:
    """Print a line of progress, and log it with the flow's run if one is under way."""
    console.print(printable(line), markup=False)
    log(line)


def log(line: str) -> None:
    """Log a line with the flow's run if one is under way."""
    if "prefect.context" not in sys.modules:  # it takes a second to import, and without it there is no run
        return
    from prefect.exceptions import MissingContextError
    from prefect.logging import get_run_logger

    with suppress(MissingContextError):
        get_run_logger().info(line.strip())


def shown(value: float | None, figure: str) -> str:
    """Return the figure of this id as a line of progress shows it, in points of 0 to 100."""
    from irstd.metrics.headline import FIGURES

    found = FIGURES[figure]
    return f"{found.title} undefined" if value is None else f"{found.title} {found.scale * value:.1f}"


def say_progress(prefix: str, step: int, steps: int, figures: Mapping[str, float | None], decides: str) -> None:
    """Print a line for each validation of a fit, with the figure that decides, and for about every tenth part of it."""
    scored = f", {shown(figures[decides], decides)} on validation" if decides in figures else ""
    tenth = step * 10 // steps > (step - _ROW_STEPS) * 10 // steps
    if scored or tenth:
        say(f"{prefix}step {step} of {steps}, loss {figures.get('loss') or 0.0:.4f}{scored}")
