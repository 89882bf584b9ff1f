"""`irstd models` without a command."""

import json
import re
from typing import Any

import pytest

from irstd.cli.listing import Listed, show_models
from irstd.models.registry import find_detector
from irstd.models.table import DETECTORS, HOSTS
from tests.cli.running import run


@pytest.fixture(scope="module")
def printed() -> list[dict[str, Any]]:
    ran = run("models", "--json")
    assert (ran.code, ran.err) == (0, [])
    rows: list[dict[str, Any]] = json.loads("\n".join(ran.out))
    return rows


@pytest.fixture
def rows(printed: list[dict[str, Any]]) -> dict[str, Listed]:
    return {row["name"]: Listed(**row) for row in printed}


def test_every_variant_and_every_host_by_fdep_is_there_once(printed: list[dict[str, Any]]) -> None:
    names = [row["name"] for row in printed]
    families = ["smp-…", "fdep-smp-…"]
    assert sorted(names) == sorted([*DETECTORS, *(f"fdep-{host}" for host in HOSTS), *families])


@pytest.mark.parametrize(
    ("name", "parameters", "gmac"),
    [
        ("spire", 294_753, (1.21, 4.84)),
        ("sshdnet-w32", 28_735_256, (10.28, 41.10)),
        ("acm", 397_823, (0.34, 1.37)),
        ("dnanet", 4_696_568, (13.91, 55.64)),
        ("tophat", 0, (0.0, 0.0)),
    ],
)
def test_costs_are_those_of_the_papers(
    rows: dict[str, Listed], name: str, parameters: int, gmac: tuple[float, float]
) -> None:
    row = rows[name]
    assert (row.parameters, round(row.gmac_256 or 0, 2), round(row.gmac_512 or 0, 2)) == (parameters, *gmac)


def test_each_row_says_what_its_detector_says(rows: dict[str, Listed]) -> None:
    for name in DETECTORS:
        entry = find_detector(name)
        assert (rows[name].loss, rows[name].paper, rows[name].ships) == (entry.loss, entry.paper, name)
    assert (rows["spire"].stride, rows["spire"].target) == (4, "response")
    assert (rows["mshnet"].stride, rows["mshnet"].target) == (1, "mask")
    assert (rows["smp-…"].parameters, rows["smp-…"].loss) == (None, "bce_soft_iou")


def test_what_fdep_ships_is_its_host_at_its_cost(rows: dict[str, Listed]) -> None:
    for host in (*HOSTS, "smp-…"):
        plain, taught = rows[host], rows[f"fdep-{host}"]
        assert taught.ships == host
        assert (taught.parameters, taught.gmac_256, taught.gmac_512) == (
            plain.parameters,
            plain.gmac_256,
            plain.gmac_512,
        )
        assert taught.loss == plain.loss
        assert "FDEP" in taught.paper
        assert "FDEP" not in plain.paper


def test_the_table_fits_80_columns_and_numbers_its_papers(
    rows: dict[str, Listed], capsys: pytest.CaptureFixture[str]
) -> None:
    show_models(list(rows.values()))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    table = lines[: lines.index("")]
    assert len(table) == 2 + len(rows)
    assert max(len(line) for line in table) <= 80
    spire = next(line for line in table if line.startswith("spire")).split()
    assert spire[:-1] == ["spire", "0.295", "1.21", "4.84", "4", "response", "weighted_mse"]
    assert any(re.fullmatch(rf" *{spire[-1]}  Ni et al\., SPIRE.*", line) for line in lines)
    assert next(line for line in table if line.startswith("tophat")).split()[1:3] == ["0.000", "0.00"]
