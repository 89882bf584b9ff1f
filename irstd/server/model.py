"""The model that is served, and what is told of it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from irstd.errors import shortened
from irstd.export import OnnxDetector, load_onnx, load_quick
from irstd.frames import Frame
from irstd.labels.decode import MOST_PEAKS
from irstd.labels.detections import Detections
from irstd.models.bundle_card import bundle_card, card_of

if TYPE_CHECKING:
    from irstd.models.bundle import LoadedDetector

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
    loaded: "LoadedDetector | OnnxDetector"
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
    return _served(load_quick(files, name), bundle_card(files, name), name, version)


def load_served_file(path: str) -> ServedModel:
    """Load a model from the ONNX file of `irstd export`, without torch.

    Raises:
        ModelError: it is no such file, or ONNX Runtime is not installed.
    """
    loaded = load_onnx(Path(path))
    return _served(loaded, card_of(asdict(loaded.bundle), loaded.bundle.bundle, path), path, None)


def _served(loaded: "LoadedDetector | OnnxDetector", card: str, name: str, version: str | None) -> ServedModel:
    _warm(loaded)
    if isinstance(loaded, OnnxDetector):
        regions, bundle = loaded.detector.decode.kind == "components", loaded.bundle.bundle
    else:
        regions, bundle = loaded.detector.target == "mask", loaded.hash
    return ServedModel(shortened(name), version, loaded, bundle, regions, card)


def _warm(loaded: Callable[[Frame], Detections]) -> None:
    loaded(np.zeros((_WARM_SIDE_PX, _WARM_SIDE_PX), dtype=np.uint8))


def _steps(calibration: Any) -> list[dict[str, float]]:
    scores = np.linspace(0.0, 1.0, _STEPS + 1)
    return [{"score": float(s), "probability": float(p)} for s, p in zip(scores, calibration(scores), strict=True)]
