"""Detectors: the contract, the registry, their cost and their bundles."""

from irstd.models.registry import (
    DETECTORS,
    DetectorEntry,
    build,
    check_detector,
    deployed_as,
    find_detector,
    named_files,
)

__all__ = ["DETECTORS", "DetectorEntry", "build", "check_detector", "deployed_as", "find_detector", "named_files"]
