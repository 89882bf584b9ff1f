"""The stored cost of every detector, so that listing them builds none.

`python -m irstd.models.costs` writes costs.json anew, after a new detector; a test holds it to the detectors.
"""

import json
from typing import Any

import torch

from irstd.files import write_text
from irstd.models.cost import COMPARED_AT, STORED, count_gmac, count_parameters
from irstd.models.fdep.detector import PAPER
from irstd.models.hosts.detector import HostDetector
from irstd.models.hosts.smp import SmpHost
from irstd.models.registry import build
from irstd.models.table import DETECTORS, FDEP, SMP


def counted_costs() -> dict[str, dict[str, Any]]:
    """Count every detector of the table, with default settings; a family of names has no counts."""
    smp: dict[str, Any] = {"parameters": None, "gmac_256": None, "gmac_512": None, "stride": HostDetector.stride}
    smp |= {"target": HostDetector.target, "loss": SmpHost.loss, "paper": SmpHost.paper}
    return {**{name: _counted(name) for name in DETECTORS}, f"{SMP}…": smp, f"{FDEP}…": {"paper": PAPER}}


def _counted(name: str) -> dict[str, Any]:
    with torch.device("meta"):
        detector = build(name, {})
    return {
        "parameters": count_parameters(detector),
        "gmac_256": round(count_gmac(detector, 256), 6),
        "gmac_512": round(count_gmac(detector, COMPARED_AT), 6),
        "stride": detector.stride,
        "target": detector.target,
        "loss": detector.loss,
        "paper": detector.paper,
    }


if __name__ == "__main__":
    write_text(STORED, json.dumps(counted_costs(), indent=2, ensure_ascii=False) + "\n")
