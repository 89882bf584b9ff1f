"""SPIRE: encoder-only centroid regression from one point a target."""

from irstd.models.spire.detector import Spire, SpireSettings

__all__ = ["Spire", "SpireSettings"]
