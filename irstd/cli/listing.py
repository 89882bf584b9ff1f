"""Every detector that settings can name, and what it costs. Imports torch: imported when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from rich.table import Table
from rich.text import Text

from irstd.cli.progress import say, table_console
from irstd.models import DETECTORS, build
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.fdep.detector import PAPER
from irstd.models.hosts import HostDetector
from irstd.models.hosts.smp import FAMILY, SmpHost
from irstd.models.registry import FDEP_FAMILY, host_names

_UNDEFINED = "–"
_HEADINGS = ("detector", "params\nM", "GMAC\n256²", "GMAC\n512²", "stride", "learns", "loss", "paper")
_WORDS = ("detector", "learns", "loss")


@dataclass(frozen=True)
class Listed:
    """A detector with its default settings.

    Attributes:
        name: what settings call it.
        parameters: of what ships; None for a family, whose members differ.
        gmac_256: 10⁹ multiply-adds of an image of 256 × 256 px; None for a family.
        gmac_512: the same at 512 × 512 px.
        stride: input pixels an output cell.
        target: what it learns: `response` or `mask`.
        loss: its paper's; None: it is not trained.
        paper: where it comes from.
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


def known_models(tell: Callable[[str], None]) -> list[Listed]:
    """Detectors of points, then of masks, then hosts taught by FDEP; `tell` hears each name before it is counted.

    Everything is counted on torch's meta device, without weights; what FDEP ships is the host, so that no foundation
    model is looked for.
    """
    found = []
    for name in DETECTORS:
        tell(name)
        found.append(_counted(name))
    alone = [row for target in ("response", "mask") for row in found if row.target == target]
    hosts = [row for row in alone if row.name in host_names()]
    taught = [replace(row, name=f"{FDEP_FAMILY}{row.name}", paper=PAPER) for row in [*hosts, _smp()]]
    return [*alone, _smp(), *taught]


def show_models(rows: list[Listed]) -> None:
    """Print the table of `rows`, their papers, and what two families of names mean."""
    papers = list(dict.fromkeys(row.paper for row in rows))
    console = table_console()
    console.print(_figures(rows, papers))
    console.print()
    console.print(_papers(papers))
    console.print()
    say("smp-… stands for smp-ARCHITECTURE-ENCODER, such as smp-unet-resnet18.")
    say("fdep-HOST learns beside a foundation model, ships as HOST and costs as much.")


def _counted(name: str) -> Listed:
    with torch.device("meta"):
        detector = build(name, {})
    return Listed(
        name=name,
        parameters=count_parameters(detector),
        gmac_256=count_gmac(detector, 256),
        gmac_512=count_gmac(detector, 512),
        stride=detector.stride,
        target=detector.target,
        loss=detector.loss,
        paper=detector.paper,
        ships=name,
    )


def _smp() -> Listed:
    """The row of all encoder-decoders of smp, whether the package is installed or not."""
    name, stride, target = f"{FAMILY}…", HostDetector.stride, HostDetector.target
    return Listed(name, None, None, None, stride, target, SmpHost.loss, SmpHost.paper, ships=name)


def _figures(rows: list[Listed], papers: list[str]) -> Table:
    """A row a detector; in its last column the number of its paper."""
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
    """The papers by number, as the column of the other table has them."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(justify="right", style="dim")
    table.add_column()
    for number, paper in enumerate(papers, start=1):
        table.add_row(str(number), Text(paper))
    return table
