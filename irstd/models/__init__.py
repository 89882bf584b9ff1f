"""Detectors: the contract, the variants, their cost and their bundles."""

from irstd.models.registry import VARIANTS, Variant, build, check_variant, deployed_as, find_variant, named_files

__all__ = ["VARIANTS", "Variant", "build", "check_variant", "deployed_as", "find_variant", "named_files"]
