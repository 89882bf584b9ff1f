"""The search with a real Ray: two trials on halves of one GPU, an interrupted search, failures."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import ray

from irstd.compute.cluster import cluster, require
from irstd.compute.search import (
    Figures,
    Report,
    SearchListener,
    SearchPlan,
    TrialResult,
    run_search,
)
from irstd.compute.space import Trial, draw_trials
from irstd.errors import ComputeError, TrainingError
from irstd.settings.compute import Resources
from irstd.training.checkpoint import Shelf
from tests.compute.own_ray import own_ray

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def two_cpus_and_one_logical_gpu() -> Iterator[None]:
    yield from own_ray(cpus=2, gpus=1)


class Heard(SearchListener):
    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def started(self, trial: Trial) -> None:
        self.events.append(("started", trial.index))

    def progressed(self, trial: Trial, step: int, figures: Figures) -> None:
        self.events.append((f"step {step}: {figures.get('hse')}", trial.index))

    def ended(self, result: TrialResult) -> None:
        self.events.append(("ended", result.trial.index))


def resources_of_a_trial(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> Figures:
    report(1, {"hse": 1.0, "pixel": None, "target": None})
    given = ray.get_runtime_context().get_assigned_resources()  # type: ignore[no-untyped-call]
    return {"hse": float(draw.get("a", 0)) + data, "gpu": given.get("GPU", 0.0), "cpu": given["CPU"]}


def test_two_trials_run_on_halves_of_one_gpu(tmp_path: Path) -> None:
    trials, heard = draw_trials({"a": [1]}, 5, seed=0), Heard()
    with cluster():
        results = run_search(resources_of_a_trial, trials, 10, SearchPlan(Resources(1, 0.5), tmp_path), heard)
    assert [result.figures for result in results] == [
        {"hse": 10.0, "gpu": 0.5, "cpu": 1.0},
        {"hse": 11.0, "gpu": 0.5, "cpu": 1.0},
    ]
    for index in (0, 1):
        told = [event for event, trial in heard.events if trial == index]
        assert told == ["started", "step 1: 1.0", "ended"]


def test_a_search_that_was_interrupted_goes_on_after_its_finished_trials(tmp_path: Path) -> None:
    trials = draw_trials({"a": [1, 2]}, 5, seed=0)
    stored = {"draw": {"a": 1}, "figures": {"hse": 77.0}, "failure": None}
    (tmp_path / "trial-1.json").write_text(json.dumps(stored))
    heard = Heard()
    results = run_search(resources_of_a_trial, trials, 0, SearchPlan(Resources(1), tmp_path), heard)
    assert [result.figures["hse"] for result in results] == [0.0, 77.0, 2.0]
    assert ("started", 1) not in heard.events
    assert ("ended", 1) in heard.events


def test_the_result_of_another_draw_is_not_taken_over(tmp_path: Path) -> None:
    stored = {"draw": {"a": 9}, "figures": {"hse": 77.0}, "failure": None}
    (tmp_path / "trial-0.json").write_text(json.dumps(stored))
    results = run_search(resources_of_a_trial, draw_trials({}, 1, 0), 5, SearchPlan(Resources(1), tmp_path), Heard())
    assert results[0].figures["hse"] == 5.0


def improving(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> Figures:
    for step in range(1, 5):
        report(step, {"loss": 1.0 / step})
        report(step, {"loss": 1.0 / step, "hse": float(draw.get("a", 50)) + step})
    return {"hse": float(draw.get("a", 50)) + 4}


def test_asha_still_gives_every_trial_a_result(tmp_path: Path) -> None:
    trials = draw_trials({"a": [1, 2, 3]}, 6, 0)
    results = run_search(improving, trials, None, SearchPlan(Resources(1), tmp_path, scheduler="asha"), Heard())
    assert results[0].figures["hse"] == 54.0
    for result in results:
        assert result.figures["hse"] is not None
        assert result.failure is None or result.failure.startswith("stopped by asha at step")


def both(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> Figures:
    if draw.get("a") == 3:
        raise TrainingError("diverged")
    return {"hse": 9.0, "hse_2": float(draw.get("a", 0))}


def test_another_figure_may_decide(tmp_path: Path) -> None:
    plan = SearchPlan(Resources(1), tmp_path, scheduler="asha", decides="hse_2")
    results = run_search(both, draw_trials({"a": [1, 3]}, 5, 0), None, plan, Heard())
    assert sorted(str(result.figures["hse_2"]) for result in results) == ["0.0", "1.0", "None"]


def diverge(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> Figures:
    if draw:
        raise TrainingError("step 3: the loss is no number")
    return {"hse": 1.0}


def test_a_draw_that_diverges_is_a_result_with_its_reason(tmp_path: Path) -> None:
    results = run_search(diverge, draw_trials({"a": [1]}, 5, 0), None, SearchPlan(Resources(1), tmp_path), Heard())
    assert [(result.figures["hse"], result.failure) for result in results] == [
        (1.0, None),
        (None, "step 3: the loss is no number"),
    ]


def break_down(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> Figures:
    raise ValueError("a fault in the code")


def test_any_other_fault_ends_the_search_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ComputeError, match=r"a trial failed: .*a fault in the code") as caught:
        run_search(break_down, draw_trials({}, 1, 0), None, SearchPlan(Resources(1), tmp_path), Heard())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        (
            Resources(1, 2.0),
            r"compute.fit asks for 2 GPUs and no machine of the cluster has more than 1: set compute.fit.gpus",
        ),
        (Resources(3, 0.0), r"compute.fit asks for 3 CPUs and no machine of the cluster has more than 2"),
    ],
)
def test_what_is_not_there_is_an_error_at_once(resources: Resources, message: str) -> None:
    with pytest.raises(ComputeError, match=message):
        require(resources, "compute.fit")
