"""The model bundle: weights and everything else that rebuilds a detector, as files in memory or in a folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensor_bytes
from torch import Tensor

from irstd.errors import IrstdError, ModelError, in_one_line
from irstd.frames import Frame
from irstd.labels.calibration import Calibration
from irstd.labels.detections import Detections
from irstd.models.base import DEEP, Deep, Detector, InputRule, Rules
from irstd.models.folder import WEIGHTS, files_hash, read_bundle, replace_folder
from irstd.models.operating_curve import OperatingCurve, read_curve
from irstd.models.predict import Prediction, detect, predict
from irstd.models.record import AGAIN, RECORD, read_record, record_bytes
from irstd.models.registry import build, find_detector
from irstd.models.rules import checked_frame
from irstd.models.weights import check_weights, kinds_of, stored_kinds
from irstd.settings.checked import checked_settings


@dataclass(frozen=True)
class Bundle:
    """The content of a bundle beside its weights, in plain values that JSON can hold.

    Attributes:
        detector: a name that `find_detector` knows.
        settings: settings of the detector; missing ones have their defaults.
        operating: rules that decide which peaks count as detections, chosen on validation.
        data: labels, dataset name and fingerprint of the training data.
        scores: scores by split.
        warnings: sentences that a reader of the scores must know.
        calibration: from scores to probabilities; None: there is none, as in older bundles.
        curve: what thresholds gave on validation; None in older bundles.
    """

    detector: str
    settings: Mapping[str, object]
    operating: Rules
    data: Mapping[str, object] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    calibration: Calibration | None = None
    curve: OperatingCurve | None = None


@dataclass(frozen=True)
class LoadedDetector:
    """A detector loaded from a bundle, a function from frames to detections.

    Attributes:
        detector: in eval mode, on the CPU.
        bundle: the bundle's content beside the weights.
        hash: `files_hash` of the bundle.
    """

    detector: Detector
    bundle: Bundle
    hash: str

    def __call__(self, frame: Frame) -> Detections:
        """Return the detections in a frame (H, W) or (H, W, 3) in RGB order, 8 or 16 bit, by the operating rules.

        Their scores are probabilities where the bundle has a calibration; it drops none and keeps their order.

        Raises:
            DataError: the array is no such frame.
        """
        found = detect(self.detector, checked_frame(frame), self.bundle.operating)
        return (
            found if self.bundle.calibration is None else replace(found, scores=self.bundle.calibration(found.scores))
        )

    def predict(self, frame: Frame) -> Prediction:
        """Return the response too, and all detections with a score of 0.1 or more; no score is calibrated.

        Raises:
            DataError: the array is no such frame.
        """
        return predict(self.detector, checked_frame(frame), self.bundle.operating)


def bundle_files(detector: Detector, bundle: Bundle) -> dict[str, bytes]:
    """Return the files of a bundle by name. Same inputs, same bytes.

    Raises:
        ModelError: `detector` is not what `bundle` describes, or a value is not plain JSON.
    """
    twin = build(bundle.detector, bundle.settings)
    if type(twin) is not type(detector) or replace(twin.input, deep=detector.input.deep) != detector.input:
        raise ModelError(
            f"bundle of {bundle.detector}: these settings build another detector;"
            " pass the settings the detector was built with"
        )
    state = {key: tensor.detach().cpu().contiguous() for key, tensor in detector.state_dict().items()}
    check_weights(kinds_of(twin.state_dict()), kinds_of(state), f"bundle of {bundle.detector}")
    weights = {WEIGHTS: tensor_bytes(state)} if state else {}
    return weights | {RECORD: record_bytes(_record(bundle, detector, weights.get(WEIGHTS)))}


def load_files(files: Mapping[str, bytes], where: str = "bundle") -> LoadedDetector:
    """Load a bundle from its files by name. `where` begins the message of every error.

    The files may be a stranger's: nothing is unpickled or downloaded, and no network is built in memory before the
    weights are known to be its own.

    Raises:
        ModelError: a file is missing, damaged or was changed by hand, or the bundle is of a newer format.
    """
    record = read_record(files, where)
    try:
        operating = checked_settings(Rules, record["operating"], "operating")
        surface = _surface_of(record)
        if find_detector(record["detector"]).ships is not None:
            raise ModelError(f"detector {record['detector']} exists in training only; a bundle of it holds its host")
        with torch.device("meta"):  # where nothing is computed or stored
            plan = build(record["detector"], record["settings"])
    except IrstdError as fault:
        raise ModelError(f"{where}: {RECORD}: {in_one_line(fault)}") from fault
    plan.input = replace(plan.input, deep=_stored_deep(record["input"]))
    if _input_record(plan.input) != record["input"]:
        raise ModelError(
            f"{where}: {RECORD}: written for another input rule than detector {record['detector']} has now;"
            f" use irstd {record['code']} or train it again"
        )
    state = _state(plan, files, record["weights"], where)
    detector = build(record["detector"], record["settings"])
    detector.load_state_dict(state)
    detector.input = plan.input
    given = {name: record[name] for name in ("detector", "settings", "data", "scores")}
    bundle = Bundle(**given, operating=operating, warnings=tuple(record["warnings"]), **surface)
    return LoadedDetector(detector.eval(), bundle, files_hash(files))


def save_bundle(folder: Path, detector: Detector, bundle: Bundle) -> None:
    """Write a bundle to `folder`, complete or not at all; an older bundle there is replaced.

    Raises:
        ModelError: as `bundle_files`, or `folder` holds something that is no bundle.
        DataError: the folder cannot be written.
    """
    replace_folder(Path(folder), bundle_files(detector, bundle))


def load_detector(folder: Path) -> LoadedDetector:
    """Load the bundle in `folder`.

    Raises:
        ModelError: there is no bundle, or as `load_files`.
    """
    return load_files(read_bundle(folder), str(folder))


def _record(bundle: Bundle, detector: Detector, weights: bytes | None) -> dict[str, object]:
    """Return the values of bundle.json; none of them depends on time, machine or path."""
    entry = find_detector(bundle.detector)
    return {
        "detector": bundle.detector,
        "settings": asdict(checked_settings(entry.settings, bundle.settings, f"{bundle.detector}: model")),
        "input": _input_record(detector.input),
        "operating": asdict(bundle.operating),
        "data": dict(bundle.data),
        "scores": dict(bundle.scores),
        "warnings": list(bundle.warnings),
        "weights": None if weights is None else hashlib.sha256(weights).hexdigest(),
        "code": _code_version(),
        **({} if bundle.calibration is None else {"calibration": asdict(bundle.calibration)}),
        **({} if bundle.curve is None else {"curve": bundle.curve.record()}),
    }


def _surface_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the calibration and the curve of a record that has them."""
    found: dict[str, Any] = {}
    if "calibration" in record:
        found["calibration"] = checked_settings(Calibration, record["calibration"], "calibration")
    if "curve" in record:
        found["curve"] = read_curve(record["curve"])
    return found


def _input_record(rule: InputRule) -> dict[str, object]:
    """Return the input rule as bundle.json holds it: `deep` is left out where it is as before there was a choice."""
    return {name: value for name, value in asdict(rule).items() if (name, value) != ("deep", DEEP[0])}


def _stored_deep(record: Mapping[str, object]) -> Deep:
    """Return the `deep` of a stored input rule; one that is unknown then fails to match the record."""
    return next((known for known in DEEP if known == record.get("deep")), DEEP[0])


def _state(plan: Detector, files: Mapping[str, bytes], digest: str | None, where: str) -> dict[str, Tensor]:
    """Return the weights among `files`, which must be those of `plan` and of the record that holds their `digest`."""
    expected = kinds_of(plan.state_dict())
    if not expected and digest is None:
        return {}
    if WEIGHTS not in files:
        raise ModelError(f"{where}: has no {WEIGHTS}; {AGAIN}")
    try:
        check_weights(expected, stored_kinds(files[WEIGHTS]), f"{where}: {WEIGHTS}")
        state: dict[str, Tensor] = read_tensors(files[WEIGHTS])
    except (SafetensorError, ValueError) as fault:
        raise ModelError(f"{where}: {WEIGHTS} is cut short or damaged ({in_one_line(fault)}); {AGAIN}") from fault
    if hashlib.sha256(files[WEIGHTS]).hexdigest() != digest:
        raise ModelError(f"{where}: {WEIGHTS} does not belong to the {RECORD} beside it; {AGAIN}")
    return state


def _code_version() -> str:
    try:
        return version("irstd")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"
