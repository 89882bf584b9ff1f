"""Metric definitions of other projects, written anew from their published facts, to compare with."""
