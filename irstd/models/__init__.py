"""Detectors: the contract, the registry, their cost and their bundles."""
