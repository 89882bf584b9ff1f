"""Datasets as fits and scores read them: samples, the canonical and the prepared form, fingerprints."""
