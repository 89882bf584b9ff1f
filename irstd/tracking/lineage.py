"""Lineage of results: data, code and settings."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from irstd import __version__
from irstd.project.paths import Layout
from irstd.tracking import DETECTOR_TAG
from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.runs import DatasetRef, Run, variant_run
from irstd.tracking.store import Store


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


def open_variant_run(store: Store, dataset: DatasetRef, variant: str, detector: str) -> Run:
    """Open the run of a variant on this version of the dataset, into which tune, train, evaluate and promote write.

    Runs that killed processes left open are ended first.
    """
    close_abandoned(store)
    run = variant_run(store, dataset.name, variant, inputs_key(variant=variant, dataset=dataset.digest))
    run.tags({DETECTOR_TAG: detector})
    run.dataset(dataset, "train")
    return run


def lineage(layout: Layout) -> dict[str, str]:
    """Return the versions of dataset, dvc.lock, commit and code, by name."""
    dataset, lock, commit = dataset_ref(layout), Path("dvc.lock"), _commit()
    found = {"dataset": f"{dataset.name}, {dataset.digest}", "irstd": str(__version__)}
    if lock.is_file():
        found["dvc.lock"] = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    return found | ({"commit": commit} if commit else {})


def _commit() -> str:
    try:
        said = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:  # no git
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""
