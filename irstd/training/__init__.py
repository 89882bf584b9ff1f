"""Training of any detector: crops, fit, curve, checkpoint, and the job from settings to bundle."""

from irstd.training.checkpoint import FileShelf, Shelf
from irstd.training.config import FitConfig
from irstd.training.crops import takes_whole_frames
from irstd.training.curve import CurveRow, curve_csv
from irstd.training.device import seeded
from irstd.training.fit import FitResult, Validate, fit
from irstd.training.jobs import FitJob, Fitted, Frames, OnRow, model_settings, run_draw, run_job, run_trial

__all__ = [
    "CurveRow",
    "FileShelf",
    "FitConfig",
    "FitJob",
    "FitResult",
    "Fitted",
    "Frames",
    "OnRow",
    "Shelf",
    "Validate",
    "curve_csv",
    "fit",
    "model_settings",
    "run_draw",
    "run_job",
    "run_trial",
    "seeded",
    "takes_whole_frames",
]
