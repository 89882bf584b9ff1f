"""Intake of new frames into a dataset: find them in an inbox, stage them in canonical form, merge."""
