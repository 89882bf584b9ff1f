"""The one door to Ray: search trials and fits as tasks with the resources they are given."""

from irstd.compute.cluster import cluster, require
from irstd.compute.fits import FitListener, run_fit
from irstd.compute.scoring import score_bundle
from irstd.compute.search import Figures, SearchListener, SearchPlan, TrialResult, run_search
from irstd.compute.space import Trial, draw_trials

__all__ = [
    "Figures",
    "FitListener",
    "SearchListener",
    "SearchPlan",
    "Trial",
    "TrialResult",
    "cluster",
    "draw_trials",
    "require",
    "run_fit",
    "run_search",
    "score_bundle",
]
