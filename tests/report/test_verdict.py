"""The verdict at the top of a report, and groups without content, which are left out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from irstd.metrics.headline import HEADLINE
from irstd.metrics.interval import Interval
from irstd.report.champion import PAGE, champion_markdown, write_champion
from irstd.report.cost_plot import frontier
from irstd.report.results import Overlay, Result, ranked
from irstd.report.verdict import verdict
from irstd.report.writing import write_report
from irstd.settings.gate import Budget
from tests.report.evidence import Evidence, evidence


def results(made: Evidence) -> list[Result]:
    found = {each.name: each for each in made.results()}
    return [found[card.variant] for card in ranked((each.card for each in found.values()), "hse")]


def test_the_best_within_the_budget_comes_first_with_its_score_cost_and_frames() -> None:
    made = evidence()
    made.add("dear", 0.1)
    made.scores["dear"] = replace(made.scores["dear"], gmac_512=9.0)
    own = made.scores["learned"]
    val = replace(own.val, hse=50.0, intervals={"hse": Interval(45.0, 55.0)})
    made.scores["learned"] = replace(own, val=val, test=replace(own.test, hse=40.0))
    lines = verdict(results(made), Budget(metric="hse-1"), "demo")
    assert lines[0].startswith("learned ")
    assert "HSE 50.00 [45.0, 55.0]" in lines[0]
    assert "40.00" in lines[0]
    assert "0.295 M parameters and 4.84 GMAC" in lines[2]
    assert "Dataset: demo, 4 validation frames with 3 targets and 4 test frames with 3 targets." in lines
    within = verdict(results(made), Budget(metric="hse-1", gmac=9.0), "demo")
    assert within[0].startswith("dear ")
    assert any("learned" in line for line in within[1:])
    assert "within the budget" in verdict(results(made), Budget(metric="hse-1", gmac=0.1), "demo")[0]


def test_what_was_not_trained_is_no_verdict() -> None:
    made = Evidence()
    made.add("floor", 0.7, trained=False)
    assert "floor" not in verdict(results(made), Budget(), "demo")[0]


@pytest.mark.parametrize(
    ("points", "stair"),
    [
        ([], []),
        ([(2.0, 5.0), (1.0, 3.0), (3.0, 4.0)], [(1.0, 3.0), (2.0, 5.0)]),
        ([(1.0, 3.0), (1.0, 4.0), (2.0, 4.0)], [(1.0, 4.0)]),
    ],
)
def test_the_stair_joins_what_none_beats_at_less_cost(points: list[Any], stair: list[Any]) -> None:
    assert frontier(points) == stair


def test_overlays_are_numbered_in_their_order(tmp_path: Path) -> None:
    made = evidence()
    made.draw("learned", tmp_path / "a")
    (given,) = [each for each in made.results() if each.name == "learned"]
    path = given.overlays[0].path
    own = replace(given, overlays=[Overlay(path, "2 missed, 1 false alarm"), Overlay(path)])
    write_report([own], tmp_path / "report", "demo", Budget(metric="hse-1"))
    text = (tmp_path / "report/report.md").read_text()
    assert text.index("1. frame & 1: 2 missed, 1 false alarm") < text.index("2. frame & 1]")
    assert text.index("within the budget") < text.index("## Validation")


def record(**other: Any) -> dict[str, Any]:
    figures = {each.id: {"value": 0.5, "interval": {"low": 0.4, "high": 0.6}} for each in HEADLINE}
    models = [{"name": name, "figures": figures, "differences": figures if name == "2" else {}} for name in "12"]
    candidate = {"variant": "spire", "version": "2", "champion": True, "score": 0.5, "parameters": 1000}
    candidate |= {"gmac_512": 4.0, "latency_ms": 3.0, "bundle_mb": 1.0, "reasons": ["<better>"]}
    return {
        "action": "promoted by the gate",
        "why": "better",
        "when": "2030-01-02T03:04:05+00:00",
        "dataset": "demo",
        "champion": {"version": "2", "variant": "spire"},
        "budget": {"metric": "hse-2"},
        "candidates": [candidate],
        "comparison": {"frames": 4, "targets": 3, "changed": 1, "models": models},
        **other,
    }


def test_the_champion_s_page_says_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_champion(json.loads(json.dumps(record())))
    page = PAGE.read_text()
    assert "&lt;better&gt;" in page
    text = champion_markdown(record())
    assert text.startswith("# Champion: spire, version 2\n")
    assert "## What changed since the last champion" in text
    assert "| +0.50 [+0.4, +0.6] |" in text
    refused = champion_markdown(record(champion={"version": "1", "variant": "acm"}))
    assert "since the last champion" not in refused
    assert "refused" in refused


def test_the_champion_s_page_needs_no_comparison_and_no_champion() -> None:
    assert champion_markdown(record(comparison=None, candidates=[])).startswith("# Champion")
    assert champion_markdown(record(comparison=None, champion=None)).startswith("# There is no champion")
