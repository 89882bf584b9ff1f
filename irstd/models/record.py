"""bundle.json: what a bundle says beside its weights, as bytes that are the same for the same content."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irstd.errors import ModelError

FORMAT = 2
RECORD = "bundle.json"
AGAIN = "copy or train the bundle again"

# What bundle.json must hold, and of which type each value is.
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "format": (int,),
    "detector": (str,),
    "settings": (dict,),
    "input": (dict,),
    "operating": (dict,),
    "data": (dict,),
    "scores": (dict,),
    "warnings": (list,),
    "weights": (str, type(None)),
    "code": (str,),
}


def record_bytes(values: Mapping[str, object], folder: Path) -> bytes:
    """bundle.json of `values`: sorted keys, the format's number and a digest over everything.

    Raises:
        ModelError: a value is not plain JSON.
    """
    try:
        record = json.loads(_json({"format": FORMAT, **values}))
    except (TypeError, ValueError) as fault:
        raise ModelError(f"{folder}: a value of the bundle is not plain JSON ({fault}); convert it first") from fault
    return (_json({**record, "digest": _digest(record)}) + "\n").encode()


def read_record(folder: Path) -> dict[str, Any]:
    """What bundle.json holds, without its digest.

    Raises:
        ModelError: it is missing, damaged, changed by hand, or of a newer format.
    """
    path = folder / RECORD
    try:
        record = json.loads(read_file(folder, RECORD))
    except ValueError as fault:
        raise ModelError(f"{path}: is no JSON ({fault}); {AGAIN}") from fault
    if not isinstance(record, dict) or type(record.get("format")) is not int:
        raise ModelError(f"{path}: names no format, so it is no model bundle; {AGAIN}")
    if record["format"] > FORMAT:
        raise ModelError(f"{path}: is of format {record['format']}, this irstd reads up to {FORMAT}; update irstd")
    if record.pop("digest", None) != _digest(record):
        raise ModelError(f"{path}: was changed after it was written; {AGAIN}, or write the change with save_bundle")
    if record["format"] == 1:
        record["detector"] = record.pop("variant", None)
    faulty = [name for name, types in _FIELDS.items() if not isinstance(record.get(name, ...), types)]
    if faulty:
        raise ModelError(f"{path}: {faulty[0]} is missing or of a wrong type; {AGAIN}")
    return record


def read_file(folder: Path, name: str) -> bytes:
    """The content of one of a bundle's files.

    Raises:
        ModelError: there is no such folder, or no such file in it that can be read.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; name the folder of a model bundle")
    try:
        return (folder / name).read_bytes()
    except OSError as fault:
        raise ModelError(f"{folder}: {name} cannot be read ({fault.strerror}); this is no whole bundle") from fault


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=2, allow_nan=False)


def _digest(record: Mapping[str, object]) -> str:
    return hashlib.sha256(_json(record).encode()).hexdigest()
