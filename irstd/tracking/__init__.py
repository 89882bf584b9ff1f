"""The one door to MLflow: its store, runs, the model registry, lineage."""

from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.registry import (
    BUNDLE_TAG,
    CHAMPION,
    MODEL,
    Version,
    alias_version,
    fetch_bundle,
    fetch_version,
    find_version,
    get_version,
    load_version,
    point_alias,
    register,
    tag_version,
)
from irstd.tracking.runs import DatasetRef, Run, find_runs, trial_run, variant_run
from irstd.tracking.store import Store, open_store, tracking_uri

__all__ = [
    "BUNDLE_TAG",
    "CHAMPION",
    "MODEL",
    "DatasetRef",
    "Run",
    "Store",
    "Version",
    "alias_version",
    "close_abandoned",
    "fetch_bundle",
    "fetch_version",
    "find_runs",
    "find_version",
    "get_version",
    "load_version",
    "open_store",
    "point_alias",
    "register",
    "tag_version",
    "tracking_uri",
    "trial_run",
    "variant_run",
]
