"""The detectors that settings can name, with their cost."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from rich.table import Table
from rich.text import Text

import irstd.models
from irstd.cli.progress import say, table_console
from irstd.models.table import DETECTORS, FDEP, HOSTS, SMP

_COSTS = Path(irstd.models.__path__[0]) / "costs.json"  # made by python -m irstd.models.costs
_SMP, _FDEP = f"{SMP}…", f"{FDEP}…"
_UNDEFINED = "–"
_HEADINGS = ("detector", "params\nM", "GMAC\n256²", "GMAC\n512²", "stride", "learns", "loss", "paper")
_WORDS = ("detector", "learns", "loss")


@dataclass(frozen=True)
class Listed:
    """A detector with its default settings.

    Attributes:
        name: what settings call it.
        parameters: of the deployed network; None for a family, whose members differ.
        gmac_256: 10⁹ multiply-adds of an image of 256 × 256 px; None for a family.
        gmac_512: the same at 512 × 512 px.
        stride: input pixels an output cell.
        target: kind of label, `response` or `mask`.
        loss: its paper's; None: it is not trained.
        paper: its source.
        ships: the detector that a bundle of it holds.
    """

    name: str
    parameters: int | None
    gmac_256: float | None
    gmac_512: float | None
    stride: int
    target: str
    loss: str | None
    paper: str
    ships: str


def known_models() -> list[Listed]:
    """List detectors of points, then of both, then of masks, then hosts trained by FDEP.

    Costs come from `irstd/models/costs.json`, so that nothing is built; what FDEP deploys is the host.
    """
    costs: dict[str, dict[str, Any]] = json.loads(_COSTS.read_text(encoding="utf-8"))
    rows = [Listed(name=name, ships=name, **costs[name]) for name in (*DETECTORS, _SMP)]
    alone = [row for target in ("response", "both", "mask") for row in rows if row.target == target]
    hosts = [row for row in rows if row.name in (*HOSTS, _SMP)]
    paper = str(costs[_FDEP]["paper"])
    return [*alone, *(replace(row, name=f"{FDEP}{row.name}", paper=paper) for row in hosts)]


def show_models(rows: list[Listed]) -> None:
    """Print the table of `rows`, their papers, and the meaning of two families of names."""
    papers = list(dict.fromkeys(row.paper for row in rows))
    console = table_console()
    console.print(_figures(rows, papers))
    console.print()
    console.print(_papers(papers))
    console.print()
    say("smp-… stands for smp-ARCHITECTURE-ENCODER, such as smp-unet-resnet18.")
    say("fdep-HOST learns beside a foundation model, ships as HOST and costs as much.")


def _figures(rows: list[Listed], papers: list[str]) -> Table:
    """Build a table with a row a detector; the last column numbers its paper."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        justify: Literal["left", "right"] = "left" if heading in _WORDS else "right"
        table.add_column(heading, justify=justify, no_wrap=True, vertical="bottom")
    for row in rows:
        table.add_row(
            row.name,
            _UNDEFINED if row.parameters is None else f"{row.parameters / 1e6:.3f}",
            *(_UNDEFINED if value is None else f"{value:.2f}" for value in (row.gmac_256, row.gmac_512)),
            str(row.stride),
            row.target,
            row.loss or _UNDEFINED,
            str(papers.index(row.paper) + 1),
        )
    return table


def _papers(papers: list[str]) -> Table:
    """Build the table of papers by number."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim")
    table.add_column()
    for number, paper in enumerate(papers, start=1):
        table.add_row(str(number), Text(paper))
    return table
