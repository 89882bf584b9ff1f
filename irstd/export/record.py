"""The record in an exported file: JSON under one key of its metadata, enough to run the detector without a bundle."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from irstd.errors import IrstdError, ModelError, in_one_line
from irstd.labels.calibration import Calibration
from irstd.models.decoding import Decoding
from irstd.models.operating_curve import OperatingCurve, read_curve
from irstd.models.record import check_fields, parsed
from irstd.models.rules import Reading, Rules
from irstd.settings.checked import checked_settings

FORMAT = 1
KEY = "irstd"
"""The key of the file's metadata."""

_AGAIN = "export the bundle again"
_SECTIONS: Mapping[str, type[Any]] = {"input": Reading, "decode": Decoding, "operating": Rules}
_PLAIN: Mapping[str, tuple[type, ...]] = {
    "format": (int,),
    "detector": (str,),
    "bundle": (str,),
    "code": (str,),
    "data": (dict,),
    "scores": (dict,),
    "warnings": (list,),
    "half": (bool,),
}


@dataclass(frozen=True)
class Exported:
    """The content of an exported file beside its graph.

    Attributes:
        detector: name in the registry of the detector that it was.
        bundle: hash of the bundle that it was made of.
        code: version of irstd that wrote the file.
        input: how a frame becomes the graph's input.
        decode: how the graph's output becomes detections.
        operating: rules that decide which peaks count as detections.
        calibration: from scores to probabilities; None: there is none.
        curve: what thresholds gave on validation; None: not known.
        data, scores: of the bundle: what it learned from, and its scores by split.
        warnings: sentences that a reader of the scores must know.
        half: the weights of its convolutions are stored in 16 bit.
    """

    detector: str
    bundle: str
    code: str
    input: Reading
    decode: Decoding
    operating: Rules
    calibration: Calibration | None = None
    curve: OperatingCurve | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    scores: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    half: bool = False


def record_text(exported: Exported) -> str:
    """Return the JSON of a record: sorted keys, so that the same record gives the same text."""
    return json.dumps({"format": FORMAT, **asdict(exported)}, sort_keys=True, allow_nan=False)


def read_text(text: str | None, where: str) -> Exported:
    """Return the record of a stranger's text; `where` begins the message of every error.

    Raises:
        ModelError: there is none, or it is damaged, out of bounds or of a newer format.
    """
    if not text:
        raise ModelError(f"{where}: has no metadata of irstd; make the file with `irstd export`")
    where = f"{where}: metadata"
    record = parsed(text, where, FORMAT, _AGAIN)
    try:
        return _checked(record)
    except IrstdError as fault:
        raise ModelError(f"{where}: {in_one_line(fault)}; {_AGAIN}") from fault


def _checked(record: Mapping[str, Any]) -> Exported:
    """Return the record of parsed JSON.

    Raises:
        IrstdError: a value is missing, of a wrong type, out of range, or of no known name.
    """
    check_fields(record, _PLAIN)
    if not record.keys() <= {"format", *(each.name for each in fields(Exported))}:
        raise ModelError("holds names that are not known")
    parts = {name: checked_settings(kind, record.get(name), name) for name, kind in _SECTIONS.items()}
    if record.get("calibration") is not None:
        parts["calibration"] = checked_settings(Calibration, record["calibration"], "calibration")
    if record.get("curve") is not None:
        parts["curve"] = read_curve(record["curve"])
    plain = {name: record[name] for name in _PLAIN if name != "format"}
    return Exported(**{**plain, **parts, "warnings": tuple(record["warnings"])})
