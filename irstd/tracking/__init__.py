"""The one door to MLflow: its store, runs and model registry."""

from irstd.tracking.abandoned import close_abandoned
from irstd.tracking.fetching import fetch_files, fetch_version, load_version
from irstd.tracking.registering import register
from irstd.tracking.registry import (
    BUNDLE_TAG,
    CHAMPION,
    MODEL,
    Version,
    alias_version,
    find_version,
    get_version,
    tag_version,
)
from irstd.tracking.runs import DETECTOR_TAG, VARIANT_TAG, DatasetRef, Run, find_runs, trial_run, variant_run
from irstd.tracking.store import Store, open_store, tracking_uri

__all__ = [
    "BUNDLE_TAG",
    "CHAMPION",
    "DETECTOR_TAG",
    "MODEL",
    "VARIANT_TAG",
    "DatasetRef",
    "Run",
    "Store",
    "Version",
    "alias_version",
    "close_abandoned",
    "fetch_files",
    "fetch_version",
    "find_runs",
    "find_version",
    "get_version",
    "load_version",
    "open_store",
    "register",
    "tag_version",
    "tracking_uri",
    "trial_run",
    "variant_run",
]
