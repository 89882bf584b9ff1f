"""The one door to MLflow: runs and the model registry."""

from irstd.tracking.registry import (
    BUNDLE_TAG,
    CHAMPION,
    MODEL,
    Version,
    alias_version,
    fetch_bundle,
    find_version,
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
    "fetch_bundle",
    "find_runs",
    "find_version",
    "open_store",
    "point_alias",
    "register",
    "tag_version",
    "tracking_uri",
    "trial_run",
    "variant_run",
]
