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

    def load_context(self, context: Any) -> None:
        """Load the bundle that travels as an artifact."""
        self.detector = load_detector(Path(context.artifacts["bundle"]))

    def predict(self, context: Any, model_input: Any, params: Any = None) -> pd.DataFrame:
        """Detections of a frame (H, W) or (H, W, 3), uint8 or uint16, by the bundle's operating rules."""
        found = self.detector(np.asarray(model_input))
        return pd.DataFrame({"x": found.points[:, 0], "y": found.points[:, 1], "score": found.scores})


set_model(ServedDetector())
