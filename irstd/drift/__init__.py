"""Drift: how new frames differ from those that the champion was trained on."""
