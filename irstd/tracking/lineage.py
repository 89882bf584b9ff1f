"""Lineage of results: data, code and settings; the runs that carry it."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from irstd import __version__
from irstd.project.paths import CODE, Layout
from irstd.tracking import BUNDLE_TAG, DETECTOR_TAG, VARIANT_TAG
from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.runs import DatasetRef, Run, find_runs, variant_run
from irstd.tracking.store import Store

DATASET_TAG = "irstd.dataset"
_DECIDING = ("irstd", "pipelines", "profiles", "params.yaml", "dvc.yaml")  # what a commit must hold to make a run again


def inputs_key(**inputs: Any) -> str:
    """Return a short hash of JSON-like inputs, by which runs and stored trials of the same inputs are found again."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()[:16]


def dataset_ref(layout: Layout) -> DatasetRef:
    """Return the dataset with DVC's hash, from its .dvc pointer or from dvc.lock; `unversioned` without either."""
    path = layout.raw.as_posix()
    pointer = Path(f"{path}.dvc")
    if pointer.is_file():
        outs = yaml.safe_load(pointer.read_text(encoding="utf-8")).get("outs", [])
        return DatasetRef(layout.dataset, str(outs[0]["md5"]), path)
    lock = Path("dvc.lock")
    stages = yaml.safe_load(lock.read_text(encoding="utf-8")).get("stages", {}) if lock.is_file() else {}
    for stage in stages.values():
        for entry in (*stage.get("outs", []), *stage.get("deps", [])):
            if entry["path"] == path and "md5" in entry:
                return DatasetRef(layout.dataset, str(entry["md5"]), path)
    return DatasetRef(layout.dataset, "unversioned", path)


def open_fit_run(store: Store, dataset: DatasetRef, variant: str, detector: str, **inputs: Any) -> Run:
    """Open the run of a fit with these inputs on this version of the dataset, as today's code makes it.

    The same inputs again are the same run, so that an interrupted one goes on; other inputs are another run, since
    parameters cannot change. Runs that killed processes left open are ended first.
    """
    close_abandoned(store)
    digest = CODE / "train" / variant
    code = digest.read_text(encoding="utf-8").strip() if digest.is_file() else ""
    key = inputs_key(variant=variant, dataset=dataset.digest, code=code, **inputs)
    return _told(variant_run(store, dataset.name, variant, key), dataset, detector)


def open_bundle_run(store: Store, dataset: DatasetRef, variant: str, detector: str, bundle: str) -> Run:
    """Open the run that made a bundle, by its hash, on this version of the dataset; a bundle from elsewhere gets one.

    Runs that killed processes left open are ended first.
    """
    close_abandoned(store)
    wanted = {VARIANT_TAG: variant, BUNDLE_TAG: bundle, DATASET_TAG: dataset.digest}
    found = find_runs(store, dataset.name, wanted)
    if found:
        found[0].reopen()
        return found[0]
    run = variant_run(store, dataset.name, variant, inputs_key(variant=variant, dataset=dataset.digest, bundle=bundle))
    run.tags({BUNDLE_TAG: bundle})
    return _told(run, dataset, detector)


def _told(run: Run, dataset: DatasetRef, detector: str) -> Run:
    """Put detector, dataset and code into a run."""
    run.tags({DETECTOR_TAG: detector, DATASET_TAG: dataset.digest, **code_tags()})
    run.dataset(dataset, "train")
    return run


def code_tags() -> dict[str, str]:
    """Return the version of the code and of all inputs: commit, whether files differ from it, the lock's hash."""
    lock, commit = _lock_hash(), _git("rev-parse", "HEAD")
    tags = {"irstd.version": str(__version__)} | ({"irstd.dvc_lock": lock} if lock else {})
    if commit:
        changed = _git("status", "--porcelain", "--", *(path for path in _DECIDING if Path(path).exists()))
        tags |= {"irstd.commit": commit, "irstd.dirty": "yes" if changed else "no"}
        # Those that MLflow's own pages show.
        tags |= {"mlflow.source.type": "LOCAL", "mlflow.source.name": "irstd", "mlflow.source.git.commit": commit}
    return tags


def lineage(layout: Layout) -> dict[str, str]:
    """Return the versions of dataset, dvc.lock, commit and code, by name."""
    dataset = dataset_ref(layout)
    found = {"dataset": f"{dataset.name}, {dataset.digest}", "irstd": str(__version__)}
    known = {"dvc.lock": _lock_hash(), "commit": _git("rev-parse", "HEAD")}
    return found | {name: value for name, value in known.items() if value}


def _lock_hash() -> str:
    """Return the short hash of dvc.lock; empty without one."""
    lock = Path("dvc.lock")
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:16] if lock.is_file() else ""


def _git(*arguments: str) -> str:
    """Return what git says; nothing without git, or outside of a repository."""
    try:
        said = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except OSError:  # no git
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
