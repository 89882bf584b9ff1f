"""A search over configurations, each a Ray Tune trial."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from ray import tune

from irstd.compute.cluster import require
from irstd.compute.faults import one_line
from irstd.compute.shelves import RemoteShelf, open_keeper
from irstd.compute.space import Trial
from irstd.errors import ComputeError, TrainingError
from irstd.files import write_text
from irstd.settings.compute import Resources
from irstd.settings.search import Value
from irstd.training.checkpoint import Shelf

Figures = Mapping[str, float | None]
Report = Callable[[int, Figures], None]
"""Told how a trial comes on: the step and its figures, the deciding one among them where it was validated there."""
Objective = Callable[[Mapping[str, Value], Any, Report, Shelf], Figures]
"""A trial: its draw, the data, whom to tell of validations, and where its fit keeps its state; its final figures."""


@dataclass(frozen=True)
class TrialResult:
    """Result of a trial: its figures (the deciding one among them, None if undefined), and the error that ended it."""

    trial: Trial
    figures: Figures
    failure: str | None = None


class SearchListener(Protocol):
    """Receives the progress of every trial, in the driver's process."""

    def started(self, trial: Trial) -> None:
        """Receive the start of a trial, or its continuation."""

    def progressed(self, trial: Trial, step: int, figures: Figures) -> None:
        """Receive the figures of a trial's fit at `step`."""

    def ended(self, result: TrialResult) -> None:
        """Receive the result of a trial, of an interrupted search too."""


@dataclass(frozen=True)
class SearchPlan:
    """Plan of a search.

    Attributes:
        resources: the resources of a trial.
        storage: folder, on this machine, of the results of finished trials and the checkpoints of the others; a search
            continues from what it finds there.
        scheduler: `all` runs every trial to its end; `asha` stops poor ones early, by an order that depends on
            timing, so that the same inputs no longer give the same winner.
        section: the part of params.yaml that asks for `resources`, for messages.
        decides: the figure by which trials are compared.
    """

    resources: Resources
    storage: Path
    scheduler: Literal["all", "asha"] = "all"
    section: str = "compute.trial"
    decides: str = "hse"


def run_search(
    objective: Objective, trials: Sequence[Trial], data: Any, plan: SearchPlan, listener: SearchListener
) -> list[TrialResult]:
    """Run all trials; return their results in the order of drawing. Needs a `cluster()`.

    Raises:
        ComputeError: the cluster lacks the resources, or a trial failed outside its training.
    """
    require(plan.resources, plan.section)
    plan.storage.mkdir(parents=True, exist_ok=True)
    results = {trial.index: found for trial in trials if (found := _finished(plan.storage, trial))}
    for result in results.values():
        listener.ended(result)
    left = [trial for trial in trials if trial.index not in results]
    if left:
        relay = _Relay({trial.index: trial for trial in left}, plan, listener, results)
        _tune(objective, left, data, plan, relay)
    return [results[trial.index] for trial in trials]


def _tune(objective: Objective, trials: Sequence[Trial], data: Any, plan: SearchPlan, relay: "_Relay") -> None:
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"  # progress is the listener's business
    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
    trainable = tune.with_resources(
        tune.with_parameters(
            _trainable, objective=objective, data=data, keeper=open_keeper(plan.storage), decides=plan.decides
        ),
        {"cpu": plan.resources.cpus, "gpu": plan.resources.gpus},
    )
    scheduler = tune.schedulers.ASHAScheduler(time_attr="validations") if plan.scheduler == "asha" else None
    scratch = plan.storage / "tune"
    shutil.rmtree(scratch, ignore_errors=True)
    tuner = tune.Tuner(
        trainable,
        param_space={"trial": tune.grid_search([{"index": trial.index, **trial.draw} for trial in trials])},
        tune_config=tune.TuneConfig(metric="score_or_least", mode="max", scheduler=scheduler, reuse_actors=True),
        run_config=tune.RunConfig(
            name="tune",
            storage_path=str(plan.storage.resolve()),
            verbose=0,
            callbacks=[relay],
            failure_config=tune.FailureConfig(max_failures=2),
        ),
    )
    grid = tuner.fit()
    if grid.errors:
        raise ComputeError(f"a trial failed: {one_line(grid.errors[0])}")
    relay.complete(grid)


def _trainable(config: Mapping[str, Any], objective: Objective, data: Any, keeper: Any, decides: str) -> None:
    draw = {name: value for name, value in config["trial"].items() if name != "index"}
    last, validations = _rank(None), 0

    def report(step: int, figures: Figures) -> None:
        nonlocal last, validations
        if decides in figures:
            last, validations = _rank(figures[decides]), validations + 1
        told = {"figures": dict(figures), "step": step, "final": False}
        tune.report({**told, "score_or_least": last, "validations": validations})

    try:
        figures, failure = objective(draw, data, report, RemoteShelf(keeper, _checkpoint(draw))), None
    except TrainingError as fault:  # a draw that diverges is a result of the search, not a fault of it
        figures, failure = {decides: None}, str(fault)
    told = {"figures": dict(figures), "failure": failure, "step": None, "final": True}
    tune.report({**told, "score_or_least": _rank(figures.get(decides)), "validations": validations + 1})


def _checkpoint(draw: Mapping[str, Value]) -> str:
    """Name a trial's checkpoint by its draw, since another search space may draw otherwise."""
    return f"{hashlib.sha256(json.dumps(draw, sort_keys=True).encode()).hexdigest()[:16]}.safetensors"


def _rank(score: float | None) -> float:
    return -1.0 if score is None else float(score)


class _Relay(tune.Callback):
    """Passes Tune's events to our listener; a finished trial is stored at once."""

    def __init__(
        self, trials: Mapping[int, Trial], plan: SearchPlan, listener: SearchListener, results: dict[int, TrialResult]
    ) -> None:
        self.trials, self.listener, self.results = trials, listener, results
        self.storage, self.decides = plan.storage, plan.decides

    def __getstate__(self) -> dict[str, Any]:  # Tune stores its callbacks; ours lives and dies with this process
        return {}

    def on_trial_start(self, iteration: int, trials: Any, trial: Any, **info: Any) -> None:
        self.listener.started(self.trials[trial.config["trial"]["index"]])

    def on_trial_result(self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any) -> None:
        ours = self.trials[trial.config["trial"]["index"]]
        if result.get("final"):
            self.keep(TrialResult(ours, result["figures"], result["failure"]))
        elif "figures" in result:
            self.listener.progressed(ours, result["step"], result["figures"])

    def keep(self, result: TrialResult) -> None:
        """Store and announce a result."""
        path = self.storage / f"trial-{result.trial.index}.json"
        content = {"draw": dict(result.trial.draw), "figures": dict(result.figures), "failure": result.failure}
        write_text(path, json.dumps(content))
        self.results[result.trial.index] = result
        self.listener.ended(result)

    def complete(self, grid: Any) -> None:
        """Add the results of trials that ASHA stopped: their last validation."""
        for outcome in grid:
            ours = self.trials[outcome.config["trial"]["index"]]
            if ours.index not in self.results:
                last = outcome.metrics
                score = last["score_or_least"] if last["validations"] else None
                self.keep(TrialResult(ours, {self.decides: score}, f"stopped by asha at step {last['step']}"))


def _finished(storage: Path, trial: Trial) -> TrialResult | None:
    path = storage / f"trial-{trial.index}.json"
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["draw"] != dict(trial.draw):
        return None
    return TrialResult(trial, content["figures"], content["failure"])
