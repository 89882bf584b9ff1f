"""The one door to Ray: search trials and fits as tasks with the resources they are given.

`irstd.compute.search` is imported by itself, since Ray Tune takes half a second that fits and scores do not need.
"""

from irstd.compute.cluster import Share, cluster, require
from irstd.compute.fits import FitListener, run_fit
from irstd.compute.scoring import score_bundle
from irstd.compute.space import Interval, Trial, draw_trials

__all__ = [
    "FitListener",
    "Interval",
    "Share",
    "Trial",
    "cluster",
    "draw_trials",
    "require",
    "run_fit",
    "score_bundle",
]
