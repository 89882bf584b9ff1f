"""The cluster that stages start for themselves."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from irstd.compute.cluster import cluster
from irstd.compute.search import Report, SearchListener, SearchPlan, TrialResult, run_search
from irstd.compute.space import Trial, draw_trials
from irstd.errors import ComputeError
from irstd.project.environment import prepare_environment
from irstd.settings.compute import Resources
from irstd.training.checkpoint import Shelf

pytestmark = pytest.mark.slow


class Quiet(SearchListener):
    """Nobody listens."""

    def started(self, trial: Trial) -> None:
        """A trial begins."""
        del trial

    def progressed(self, trial: Trial, step: int, figures: Mapping[str, float | None]) -> None:
        """A trial goes on."""
        del trial, step, figures

    def ended(self, result: TrialResult) -> None:
        """A trial is over."""
        del result


def folder(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> dict[str, float | None]:
    """1 in the folder `data`, else 0; a relative path in a setting means the same wherever it is read."""
    return {"hse": float(Path.cwd() == data)}


def test_a_trial_works_in_the_folder_of_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    prepare_environment(None)
    plan = SearchPlan(Resources(1), tmp_path)
    with cluster():
        (result,) = run_search(folder, draw_trials({}, 1, seed=0), Path.cwd(), plan, Quiet())
    assert result.figures == {"hse": 1.0}


def test_ray_s_client_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray://10.0.0.1:10001")
    with (
        pytest.raises(ComputeError, match=r"RAY_ADDRESS=ray://10.0.0.1:10001: .* run on a machine of the cluster"),
        cluster(),
    ):
        pass


def test_a_cluster_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setattr(sys.modules[cluster.__module__], "has_token", lambda: False)
    with pytest.raises(ComputeError, match=r"RAY_ADDRESS=10.0.0.1:6379: .* token"), cluster():
        pass
