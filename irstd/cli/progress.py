"""Progress and output of commands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from irstd.errors import printable

_WIDTH = 140  # of a table that is not for a terminal


class _Speed(ProgressColumn):
    """How many of a unit are done a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Return the column's text."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} {self._unit}/s")


@contextmanager
def bar(title: str, unit: str = "") -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar on stderr, on terminals only, from the first call with (done, all) on; all may be unknown.

    With `unit`, such as frames, it tells how many are done a second.
    """
    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    columns += [TimeRemainingColumn(), *([_Speed(unit)] if unit else [])]
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, disable=not console.is_terminal)
    task = progress.add_task(title, total=None)

    def tell(done: int, total: int | None) -> None:
        progress.start()
        progress.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        progress.stop()


def table_console() -> Console:
    """Return the console for tables: stdout, as wide as the terminal, else 140 columns."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def figure_table(first: str, *headings: str) -> Table:
    """Return an empty table: a column of names, which may fold, and a column for each figure."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(first, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def from_here(path: Path) -> Path:
    """Return a path as messages show it, relative to the working folder where it lies in that."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def warn(note: str) -> None:
    """Print a note to stderr, in one line whatever the width."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"note: {printable(note)}", markup=False)


def say(line: str) -> None:
    """Write one line to stdout."""
    Console(highlight=False, soft_wrap=True).print(printable(line), markup=False)
