"""Search a variant's configurations, each a Ray trial scored on validation: `tune VARIANT`."""

from functools import partial
from typing import Annotated

import typer

from pipelines.door.command import Work, command, settings_and_variant


@command
def main(variant: Annotated[str, typer.Argument(help="A name under `variants` of params.yaml.")]) -> Work:
    """Search a variant's configurations for the best on validation; DVC's stage `tune`."""
    asked = settings_and_variant(variant)
    from pipelines.tune import tune

    return partial(tune, *asked)


import shutil
from collections.abc import Mapping
from typing import Any

from irstd.compute.cluster import cluster
from irstd.compute.reach import within_reach
from irstd.compute.search import SearchListener, SearchPlan, TrialResult, run_search
from irstd.compute.space import Trial, draw_trials
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import TrainingError
from irstd.files.json_files import write_json
from irstd.project.environment import find_root
from irstd.project.paths import STATE, Layout
from irstd.settings.project import Settings
from irstd.tracking import DETECTOR_TAG
from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.lineage import code_tags, dataset_ref, inputs_key
from irstd.tracking.parameters import fit_parameters, parameters
from irstd.tracking.runs import DatasetRef, Run, metric, search_run, trial_run
from irstd.tracking.store import open_store
from irstd.training.jobs import FitJob, Frames, run_draw
from irstd.training.variant import check_model, fit_job, learning_frames
from pipelines.door.console import say, say_progress, shown
from pipelines.door.flows import stage, step
from pipelines.door.progress import Progress


class TrackedSearch(SearchListener):
    """Logs every trial to its MLflow run and prints a line."""

    def __init__(self, parent: Run, dataset: DatasetRef, key: str, size: int, job: FitJob) -> None:
        """`size` is the number of trials, `job` the fit of each but for its draw."""
        self.parent, self.dataset, self.key, self.trials = parent, dataset, key, size
        self.job, self.steps, self.decides = job, job.config.steps, job.config.decides
        self.runs: dict[int, Run] = {}
        self.done, self.progress = 0, Progress("trials")

    def started(self, trial: Trial) -> None:
        """Open the trial's run, or the one it had before an interruption."""
        if trial.index not in self.runs:
            run_ = trial_run(self.parent.store, self.dataset.name, self.parent, self.key, trial.index)
            run_.params(fit_parameters(self.job.drawn(trial.draw)))
            run_.dataset(self.dataset, "train")
            self.runs[trial.index] = run_

    def progressed(self, trial: Trial, step: int, figures: Mapping[str, float | None]) -> None:
        """Log the progress of the fit."""
        self.runs[trial.index].figures({metric("fit", name): value for name, value in figures.items()}, step)
        say_progress(f"  trial {trial.index + 1}: ", step, self.steps, figures, self.decides)

    def ended(self, result: TrialResult) -> None:
        """Log the outcome and close the run."""
        self.started(result.trial)
        run_ = self.runs[result.trial.index]
        run_.figures({metric("val", name): value for name, value in result.figures.items()})
        if result.failure:
            run_.tags({"irstd.failure": result.failure})
        run_.end(failed=result.figures.get(self.decides) is None)
        drawn = ", ".join(f"{name.split('.')[1]} {value}" for name, value in result.trial.draw.items()) or "as it is"
        outcome = result.failure or shown(result.figures.get(self.decides), self.decides)
        say(f"  trial {result.trial.index + 1} of {self.trials} ({drawn}): {outcome}")
        self.done += 1
        self.progress.reached(self.done / self.trials, f"{self.done} of {self.trials}")


@stage(name="tune", run_name="tune {variant}")
def tune(settings: Settings, variant: str) -> None:
    """Draw, run and compare a variant's configurations; write the best. A single configuration is not run."""
    where, section = Layout(settings.dataset), settings.tune
    job = fit_job(settings, variant, settings.compute.trial, steps=section.steps)
    decides = job.config.decides
    count = settings.variants[variant].trials or section.trials
    trials = draw_trials(settings.variants[variant].spaces(), count, settings.compute.seed)
    for trial in trials:  # before a cluster starts: a wrong name in a search space is a mistake, not a result
        check_model(job.drawn(trial.draw))
    if len(trials) == 1:
        write_json(where.search(variant), _outcome(variant, [], trials[0], settings.budget.definition))
        say(f"tune {variant}: one configuration, nothing to search")
        return
    key = inputs_key(stage="tune", data=fingerprint(where.prepared), job=job, scheduler=section.scheduler)
    say(f"tune {variant}: {len(trials)} configurations")
    store = open_store(find_root())
    dataset = dataset_ref(where)
    close_abandoned(store)
    parent = search_run(store, dataset.name, variant, key)
    parent.tags({DETECTOR_TAG: job.detector, **code_tags()})
    asked = {"trials": len(trials), "scheduler": section.scheduler, "search": settings.variants[variant].search}
    parent.params({**fit_parameters(job), **parameters({"tune": asked})})
    parent.dataset(dataset, "train")
    listener = TrackedSearch(parent, dataset, key, len(trials), job)
    plan = SearchPlan(settings.compute.trial, STATE / "ray" / key, section.scheduler, decides=decides)
    results = search(job, trials, learning_frames(settings, job.config), plan, listener)
    best = _best(results, variant, decides)
    write_json(where.search(variant), _outcome(variant, results, best.trial, settings.budget.definition))
    parent.figures({metric("val", name): value for name, value in best.figures.items()})
    parent.tags({"irstd.best_trial": str(best.trial.index + 1)})
    parent.end()
    shutil.rmtree(plan.storage, ignore_errors=True)
    say(f"tune {variant}: best is trial {best.trial.index + 1}, {shown(best.figures[decides], decides)} on validation")


@step(name="search")
def search(
    job: FitJob, trials: list[Trial], frames: Frames, plan: SearchPlan, listener: SearchListener
) -> list[TrialResult]:
    """Run the trials."""
    with cluster():
        packed = job.packed(trial.draw for trial in trials)
        return run_search(partial(run_draw, packed), trials, within_reach(frames), plan, listener)


def _best(results: list[TrialResult], variant: str, decides: str) -> TrialResult:
    """Return the trial with the highest figure that decides, the earlier of equal ones."""
    scored = [result for result in results if result.figures.get(decides) is not None]
    if not scored:
        reasons = {result.failure for result in results if result.failure} or {"validation holds no target"}
        raise TrainingError(f"tune {variant}: no configuration has a score ({'; '.join(sorted(reasons))})")
    return max(scored, key=lambda result: (result.figures[decides], -result.trial.index))


def _outcome(variant: str, results: list[TrialResult], best: Trial, definition: str) -> dict[str, Any]:
    rows = [
        {"draw": dict(result.trial.draw), "figures": dict(result.figures), "failure": result.failure}
        for result in results
    ]
    return {"variant": variant, "definition": definition, "split": "val", "trials": rows, "best": dict(best.draw)}
