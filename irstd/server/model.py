"""The model that is served, and what is told of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from irstd.errors import ModelError, shortened
from irstd.export import OnnxDetector
from irstd.export.runtime import load_bytes
from irstd.frames import Frame
from irstd.labels.decode import MOST_PEAKS
from irstd.labels.detections import Detections
from irstd.models.bundle import LoadedDetector, load_files
from irstd.models.bundle_card import bundle_card

_WARM_SIDE_PX = 64
_STEPS = 50  # of the map from scores to probabilities that are told


@dataclass(frozen=True)
class ServedModel:
    """A loaded model.

    Attributes:
        name: what it was asked for by, such as `pretrained`.
        version: its number in the registry; None outside of it.
        loaded: the detector.
        hash: of its bundle.
        regions: its detections are regions of a mask, not peaks.
        card: its card, in Markdown.
    """

    name: str
    version: str | None
    loaded: LoadedDetector | OnnxDetector
    hash: str
    regions: bool
    card: str

    @property
    def threshold(self) -> float:
        """The operating threshold, in the unit of the scores that are answered."""
        return self._told(self.loaded.bundle.operating.threshold)

    @property
    def least(self) -> float:
        """The lowest threshold that gives single targets: 0 where detections are peaks.

        Those of a mask model are regions, which flow together below its operating threshold.
        """
        return self.threshold if self.regions else 0.0

    def __str__(self) -> str:
        number = "" if self.version is None else f"version {self.version}, "
        runtime = "ONNX Runtime" if isinstance(self.loaded, OnnxDetector) else "torch"
        return f"{self.name} ({number}{self.loaded.bundle.detector}, bundle {self.hash[:12]}, by {runtime})"

    def find(self, frame: Frame, threshold: float | None) -> Detections:
        """Return the detections by the operating rules, or all that reach `threshold`, 64 at most.

        Scores and `threshold` are probabilities where the bundle has a calibration.

        Raises:
            DataError: the array is no frame.
        """
        if threshold is None:
            return self.loaded(frame)
        bundle = self.loaded.bundle
        raw = threshold if bundle.calibration is None else bundle.calibration.score_of(threshold)
        rules: Any = replace(bundle.operating, threshold=raw, value_range=None, most=MOST_PEAKS)
        wider: Any = replace(bundle, operating=rules)
        return replace(self.loaded, bundle=wider)(frame).reaching(threshold)

    def told(self) -> dict[str, Any]:
        """Return what the page shows: names, the card, rules, operating points and calibration, as plain values."""
        bundle = self.loaded.bundle
        calibration = bundle.calibration
        return {
            "name": self.name,
            "version": self.version,
            "detector": bundle.detector,
            "bundle": self.hash,
            "card": self.card,
            "calibrated": calibration is not None,
            "threshold": self.threshold,
            "least": self.least,
            "most": bundle.operating.most,
            "value_range": bundle.operating.value_range,
            "curve": self._curve(),
            "calibration": None if calibration is None else _steps(calibration),
        }

    def _curve(self) -> list[dict[str, float | None]]:
        """Return the operating points on validation, with thresholds in the unit of the answers."""
        curve = self.loaded.bundle.curve
        return [
            {
                "threshold": self._told(point.threshold),
                "precision": point.precision,
                "pd": point.pd,
                "false_alarms_per_frame": point.false_alarms_per_frame,
            }
            for point in ([] if curve is None else curve.points)
        ]

    def _told(self, raw: float) -> float:
        """Return a score of the detector in the unit that is answered."""
        calibration = self.loaded.bundle.calibration
        return raw if calibration is None else float(calibration(raw))


def load_served(files: Mapping[str, bytes], name: str, version: str | None = None) -> ServedModel:
    """Load a model from the files of its bundle, and search an empty frame with it, so that no request is its first.

    Raises:
        ModelError: the files are no bundle that can be used.
    """
    loaded = load_files(files, name)
    loaded.detector.to(memory_format=torch.channels_last)  # the same numbers in another order: faster
    _warm(loaded)
    regions = loaded.detector.target == "mask"
    return ServedModel(shortened(name), version, loaded, loaded.hash, regions, bundle_card(files, name))


def quickened(model: ServedModel) -> ServedModel:
    """Return the model in ONNX Runtime, which is faster, where that is installed and can hold it.

    It takes seconds, since torch's exporter does; benchmarks/serving.py measures what it gains.
    """
    if isinstance(model.loaded, OnnxDetector):
        return model
    try:
        from irstd.export.writing import onnx_file  # noqa: PLC0415 - with torch's exporter

        quick = load_bytes(onnx_file(model.loaded).data, model.name)
    except ModelError:
        return model
    _warm(quick)
    return replace(model, loaded=quick)


def _warm(loaded: Callable[[Frame], Detections]) -> None:
    loaded(np.zeros((_WARM_SIDE_PX, _WARM_SIDE_PX), dtype=np.uint8))


def _steps(calibration: Any) -> list[dict[str, float]]:
    scores = np.linspace(0.0, 1.0, _STEPS + 1)
    return [{"score": float(s), "probability": float(p)} for s, p in zip(scores, calibration(scores), strict=True)]
