"""MLflow runs: an experiment a dataset, a run a fit or search, a child run a trial, each found again by its key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from irstd.project.process import this_process
from irstd.tracking import PROCESS_TAG, VARIANT_TAG
from irstd.tracking.store import Store

KEY = "irstd.key"
_HEADLINE = ("hse", "hse_2")
# Else MLflow takes our runs for those of a language model.
_KIND = {"mlflow.experimentKind": "custom_model_development"}


def metric(group: str, figure: str) -> str:
    """Return the name of a metric: the headline scores of a split stand first in MLflow, the others in sections.

    Args:
        group: `fit`, `cost`, or a split.
        figure: the figure's id.
    """
    return f"{group}_{figure}" if figure in _HEADLINE and group != "fit" else f"{group}/{figure}"


@dataclass(frozen=True)
class DatasetRef:
    """The dataset of a run: its name, its DVC hash, and its path in the project."""

    name: str
    digest: str
    path: str


class Run:
    """One MLflow run, open until `end`."""

    def __init__(self, store: Store, run_id: str) -> None:
        self.store, self.id = store, run_id

    def params(self, values: Mapping[str, object]) -> None:
        """Log parameters, at most 100; one that is logged already stays as it is, since MLflow refuses to change it."""
        known = self.store.client.get_run(self.id).data.params
        fresh = [Param(name, str(value)) for name, value in sorted(values.items()) if name not in known]
        self.store.client.log_batch(self.id, params=fresh)

    def figures(self, values: Mapping[str, float | None], step: int = 0) -> None:
        """Log metrics at a step, without undefined ones."""
        metrics = [Metric(name, float(value), 0, step) for name, value in values.items() if value is not None]
        self.store.client.log_batch(self.id, metrics=metrics)

    def describe(self, text: str) -> None:
        """Set the description, Markdown, which stands at the top of the run's page."""
        self.tags({"mlflow.note.content": text})

    def tag_of(self, name: str) -> str | None:
        """Return the value of a tag; None without one."""
        found = self.store.client.get_run(self.id).data.tags.get(name)
        return None if found is None else str(found)

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags."""
        self.store.client.log_batch(self.id, tags=[RunTag(name, value) for name, value in values.items()])

    def dataset(self, dataset: DatasetRef, context: str) -> None:
        """Log the dataset, unless the run has one."""
        known = self.store.client.get_run(self.id).inputs
        if known is not None and known.dataset_inputs:
            return
        entity = Dataset(dataset.name, dataset.digest[:36], "dvc", f'{{"path": "{dataset.path}"}}')
        inputs = [DatasetInput(entity, [InputTag("mlflow.data.context", context)])]
        self.store.client.log_inputs(self.id, datasets=inputs)

    def file(self, path: Path, folder: str | None = None) -> None:
        """Log a file, or every file of a folder, as artifacts."""
        if path.is_dir():
            self.store.client.log_artifacts(self.id, str(path), folder)
        else:
            self.store.client.log_artifact(self.id, str(path), folder)

    def figure_of(self, name: str) -> float | None:
        """Return the last value of a metric; None without one."""
        value = self.store.client.get_run(self.id).data.metrics.get(name)
        return None if value is None else float(value)

    def end(self, *, failed: bool = False) -> None:
        """Close the run, which then is no process's any more."""
        self.store.client.set_terminated(self.id, "FAILED" if failed else "FINISHED")
        if self.tag_of(PROCESS_TAG) is not None:
            self.store.client.delete_tag(self.id, PROCESS_TAG)

    def reopen(self) -> None:
        """Set the run to running, in this process."""
        self.tags({PROCESS_TAG: this_process()})
        self.store.client.update_run(self.id, status="RUNNING")


def variant_run(store: Store, dataset: str, variant: str, key: str) -> Run:
    """Open the run of a variant on a dataset with the inputs that `key` stands for, or make it."""
    return _find_or_make(store, dataset, variant, {KEY: key, VARIANT_TAG: variant, "irstd.kind": "variant"})


def search_run(store: Store, dataset: str, variant: str, key: str) -> Run:
    """Open the run of a variant's search with the inputs that `key` stands for, or make it."""
    return _find_or_make(store, dataset, f"{variant} search", {KEY: key, "irstd.kind": "search"})


def trial_run(store: Store, dataset: str, parent: Run, key: str, index: int) -> Run:
    """Open the child run of a trial, or make it; it is called as on the console, from 1."""
    tags = {KEY: f"{key}/{index}", "irstd.kind": "trial", "mlflow.parentRunId": parent.id}
    return _find_or_make(store, dataset, f"trial {index + 1}", tags)


def find_runs(store: Store, dataset: str, tags: Mapping[str, str]) -> Sequence[Run]:
    """Return the runs of a dataset's experiment with these tags, newest first."""
    found = store.client.get_experiment_by_name(dataset)
    if found is None:
        return []
    wanted = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    runs = store.client.search_runs([found.experiment_id], wanted, order_by=["attributes.start_time DESC"])
    return [Run(store, run.info.run_id) for run in runs]


def _find_or_make(store: Store, dataset: str, name: str, tags: Mapping[str, str]) -> Run:
    found = find_runs(store, dataset, {KEY: tags[KEY]})
    if found:
        found[0].reopen()
        return found[0]
    made = store.client.create_run(
        _experiment(store, dataset), run_name=name, tags={**tags, PROCESS_TAG: this_process()}
    )
    return Run(store, made.info.run_id)


def _experiment(store: Store, dataset: str) -> str:
    found = store.client.get_experiment_by_name(dataset)
    if found is not None:
        return str(found.experiment_id)
    location = f"{store.artifacts}/{dataset}" if store.artifacts else None
    return str(store.client.create_experiment(dataset, artifact_location=location, tags=_KIND))
