"""The model bundle: a folder with the weights and everything a detector needs to be itself again."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as tensor_bytes
from torch import Tensor

from irstd.errors import IrstdError, ModelError
from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.models.base import Detector, Rules
from irstd.models.checked import checked_settings
from irstd.models.folder import replace_folder
from irstd.models.predict import Prediction, checked_frame, detect, predict
from irstd.models.record import AGAIN, RECORD, read_file, read_record, record_bytes
from irstd.models.registry import build, find_detector
from irstd.models.weights import check_weights

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Bundle:
    """What a bundle says beside its weights. All values are plain: they are stored as JSON.

    Attributes:
        detector: a name that `find_detector` knows.
        settings: of the model; what is not named has its default.
        operating: what counts as a detection, chosen on validation.
        data: labels, dataset name, fingerprint: what it learned from.
        scores: by split.
        warnings: what a reader of the scores must know, in words.
    """

    detector: str
    settings: Mapping[str, object]
    operating: Rules
    data: Mapping[str, object] = field(default_factory=dict)
    scores: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadedDetector:
    """A detector out of a bundle, ready for frames.

    Attributes:
        detector: in eval mode, on the CPU.
        bundle: what the bundle says.
        hash: `bundle_hash` of its folder.
    """

    detector: Detector
    bundle: Bundle
    hash: str

    def __call__(self, frame: Frame) -> Detections:
        """The detections of a frame (H, W) or (H, W, 3) in RGB order, 8 or 16 bit, by the operating rules.

        Raises:
            DataError: the array is no such frame.
        """
        return detect(self.detector, checked_frame(frame), self.bundle.operating)

    def predict(self, frame: Frame) -> Prediction:
        """The response too, and everything from 0.1 up.

        Raises:
            DataError: the array is no such frame.
        """
        return predict(self.detector, checked_frame(frame), self.bundle.operating)


def save_bundle(folder: Path, detector: Detector, bundle: Bundle) -> None:
    """Write the bundle, complete or not at all; an older one in its place stays until then. Same inputs, same bytes.

    Raises:
        ModelError: detector and bundle do not belong together, or a value is not plain.
        DataError: the folder cannot be written.
    """
    twin = build(bundle.detector, bundle.settings)
    if type(twin) is not type(detector) or twin.input != detector.input:
        raise ModelError(
            f"{folder}: the detector is not what detector {bundle.detector} builds with these settings;"
            " pass the settings it was built with"
        )
    state = {key: tensor.detach().cpu().contiguous() for key, tensor in detector.state_dict().items()}
    check_weights(twin.state_dict(), state, f"{folder}: the detector")
    files = {WEIGHTS: tensor_bytes(state)} if state else {}
    files[RECORD] = record_bytes(_record(bundle, detector, files.get(WEIGHTS)), folder)
    replace_folder(Path(folder), files, frozenset((RECORD, WEIGHTS)))


def load_bundle(folder: Path) -> tuple[Detector, Bundle]:
    """The detector, in eval mode on the CPU, and what its bundle says. Nothing is unpickled.

    Raises:
        ModelError: there is no bundle, a newer one, or one that is damaged or was changed by hand.
    """
    folder = Path(folder)
    path, record = folder / RECORD, read_record(folder)
    try:
        operating = checked_settings(Rules, record["operating"], "operating")
        detector = build(record["detector"], record["settings"])
    except IrstdError as fault:
        raise ModelError(f"{path}: {fault}") from fault
    if asdict(detector.input) != record["input"]:
        raise ModelError(
            f"{path}: written for another input rule than detector {record['detector']} has now;"
            f" use irstd {record['code']} or train it again"
        )
    _load_weights(detector, folder / WEIGHTS, record["weights"])
    names = ("detector", "settings", "data", "scores")
    given = {name: record[name] for name in names}
    return detector.eval(), Bundle(**given, operating=operating, warnings=tuple(record["warnings"]))


def load_detector(folder: Path) -> LoadedDetector:
    """The bundle in `folder` as a callable from frames to detections.

    Raises:
        ModelError: as `load_bundle`.
    """
    detector, bundle = load_bundle(folder)
    return LoadedDetector(detector, bundle, bundle_hash(folder))


def bundle_hash(folder: Path) -> str:
    """SHA-256, in hex, of the bundle's files; the same wherever the folder lies.

    Raises:
        ModelError: there is no bundle.
    """
    whole = hashlib.sha256(read_file(Path(folder), RECORD))
    if (Path(folder) / WEIGHTS).exists():
        whole.update(hashlib.sha256(read_file(Path(folder), WEIGHTS)).digest())
    return whole.hexdigest()


def _record(bundle: Bundle, detector: Detector, weights: bytes | None) -> dict[str, object]:
    """Everything bundle.json says: nothing of time, machine or path."""
    entry = find_detector(bundle.detector)
    return {
        "detector": bundle.detector,
        "settings": asdict(checked_settings(entry.settings, bundle.settings, f"model {bundle.detector}")),
        "input": asdict(detector.input),
        "operating": asdict(bundle.operating),
        "data": dict(bundle.data),
        "scores": dict(bundle.scores),
        "warnings": list(bundle.warnings),
        "weights": None if weights is None else hashlib.sha256(weights).hexdigest(),
        "code": _code_version(),
    }


def _load_weights(detector: Detector, path: Path, digest: str | None) -> None:
    expected = detector.state_dict()
    if not expected and digest is None:
        return
    content = read_file(path.parent, path.name)
    try:
        state: dict[str, Tensor] = read_tensors(content)
    except (SafetensorError, ValueError) as fault:
        raise ModelError(f"{path}: is cut short or damaged ({fault}); {AGAIN}") from fault
    check_weights(expected, state, str(path))
    if hashlib.sha256(content).hexdigest() != digest:
        raise ModelError(f"{path}: does not belong to the {RECORD} beside it; {AGAIN}")
    detector.load_state_dict(state)


def _code_version() -> str:
    try:
        return version("irstd")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+unknown"
