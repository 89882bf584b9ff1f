"""Datasets: the canonical form, what comes into it, and what training reads."""
