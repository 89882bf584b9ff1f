"""Tables of figures on the command line, and counts in words."""

from rich.table import Table


def figure_table(first: str, *headings: str) -> Table:
    """Return an empty table: a column of names, which may fold, and a column for each figure."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column(first, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def many(count: int, what: str) -> str:
    """Return `1 frame`, `2 frames`."""
    return f"{count} {what}{'' if count == 1 else 's'}"
