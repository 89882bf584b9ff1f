"""The model that MLflow loads from this file: a bundle behind a pyfunc. The package does not import it."""

import json
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc.model import PythonModel

from irstd.errors import IrstdError
from irstd.models.bundle import load_detector
from irstd.tracking.fetching import check_served
from irstd.tracking.payload import frames_of


class RefusedError(MlflowException):
    """A faulty request: status 400 and one line; the server would print the whole request before it."""

    def __init__(self, line: str) -> None:
        super().__init__(line, error_code=INVALID_PARAMETER_VALUE)
        self.line = line

    def serialize_as_json(self) -> str:
        """Return the server's answer."""
        return json.dumps({"error_code": self.error_code, "message": self.line}, ensure_ascii=False)


class ServedDetector(PythonModel):
    """Detections of frames, by the bundle's operating rules."""

    _skip_type_hint_validation = True  # `frames_of` looks at all of a request, in one line

    def load_context(self, context: Any) -> None:
        """Load the bundle among the artifacts; one that is not what was registered is refused."""
        bundle = Path(context.artifacts["bundle"])
        check_served(bundle.parents[1], bundle)
        self.detector = load_detector(bundle)

    # MLflow makes the signature of these hints and hands the JSON of `inputs` over as it is.
    def predict(
        self, context: Any, model_input: list[Any], params: dict[str, Any] | None = None
    ) -> list[list[dict[str, float]]]:
        """Return a list a frame, strongest first: x, y (px, pixel centres at integers, origin top left) and score.

        The score is a probability where the bundle has a calibration.

        `irstd.tracking.payload.frames_of` states the form of frames: base64 of files, or levels.
        """
        try:
            return [self._found(frame) for frame in frames_of(model_input)]
        except IrstdError as fault:
            raise RefusedError(str(fault)) from fault

    def _found(self, frame: Any) -> list[dict[str, float]]:
        found = self.detector(frame)
        return [
            {"x": float(x), "y": float(y), "score": float(score)}
            for (x, y), score in zip(found.points, found.scores, strict=True)
        ]


set_model(ServedDetector())
