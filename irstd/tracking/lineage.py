"""What a stage's work depends on: its key, and the dataset's DVC hash."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from irstd.project.paths import Layout
from irstd.tracking import DatasetRef, Run, Store, close_abandoned, variant_run


def inputs_key(**inputs: Any) -> str:
    """A short hash of JSON-like inputs: the same inputs find the same MLflow runs and the same stored trials."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()[:16]


def dataset_ref(layout: Layout) -> DatasetRef:
    """The dataset with the hash DVC knows it by: its .dvc pointer's, or dvc.lock's; `unversioned` without either."""
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


def open_variant_run(store: Store, dataset: DatasetRef, variant: str) -> Run:
    """The variant's parent run on this state of the dataset: tune, train, evaluate and promote all write into it.

    Runs that killed processes left open are ended first.
    """
    close_abandoned(store)
    run = variant_run(store, dataset.name, variant, inputs_key(variant=variant, dataset=dataset.digest))
    run.dataset(dataset, "train")
    return run
