"""The model MLflow loads from code: a bundle behind a pyfunc. Not imported by the package."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from irstd.models.bundle import load_detector


class ServedDetector(PythonModel):
    """Detections of one frame: columns x, y (px) and score."""

    # A frame is an array; MLflow would have its type told as a list of something, and warns until it is.
    _skip_type_hint_validation = True

    def load_context(self, context: Any) -> None:
        """Load the bundle that travels as an artifact."""
        self.detector = load_detector(Path(context.artifacts["bundle"]))

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # MLflow reads hints
        """Detections of a frame (H, W) or (H, W, 3) of 8- or 16-bit levels, by the bundle's operating rules."""
        levels = np.asarray(model_input)
        if levels.dtype.kind in "iu" and levels.dtype not in (np.uint8, np.uint16):  # JSON knows integers only
            levels = levels.astype(np.uint8 if levels.max(initial=0) < 256 else np.uint16)
        found = self.detector(levels)
        return pd.DataFrame({"x": found.points[:, 0], "y": found.points[:, 1], "score": found.scores})


set_model(ServedDetector())
