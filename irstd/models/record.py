"""bundle.json, the content of a bundle beside its weights: same values, same bytes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from irstd.errors import ModelError

FORMAT = 2
RECORD = "bundle.json"
AGAIN = "copy or train the bundle again"

# Required keys of bundle.json and the types of their values.
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


def record_bytes(values: Mapping[str, object]) -> bytes:
    """Return bundle.json for `values`: sorted keys, the format's number and a digest over everything.

    Raises:
        ModelError: a value is not plain JSON.
    """
    try:
        record = json.loads(_json({"format": FORMAT, **values}))
    except (TypeError, ValueError) as fault:
        raise ModelError(f"a value of the bundle is not plain JSON ({fault}); convert it first") from fault
    return (_json({**record, "digest": _digest(record)}) + "\n").encode()


def read_record(files: Mapping[str, bytes], where: str) -> dict[str, Any]:
    """Parse the bundle.json among `files`, and drop its digest. `where` begins the message of every error.

    Raises:
        ModelError: the file is missing, damaged, changed by hand, or of a newer format.
    """
    if RECORD not in files:
        raise ModelError(f"{where}: has no {RECORD}, so it is no model bundle; {AGAIN}")
    where = f"{where}: {RECORD}"
    try:
        record = json.loads(files[RECORD])
    except ValueError as fault:
        raise ModelError(f"{where}: is no JSON ({fault}); {AGAIN}") from fault
    if not isinstance(record, dict) or type(record.get("format")) is not int:
        raise ModelError(f"{where}: names no format, so it is no model bundle; {AGAIN}")
    if record["format"] > FORMAT:
        raise ModelError(f"{where}: is of format {record['format']}, this irstd reads up to {FORMAT}; update irstd")
    if record.pop("digest", None) != _digest(record):
        raise ModelError(f"{where}: was changed after it was written; {AGAIN}, or write the change with save_bundle")
    if record["format"] == 1:
        record["detector"] = record.pop("variant", None)
    faulty = [name for name, types in _FIELDS.items() if not isinstance(record.get(name, ...), types)]
    if faulty:
        raise ModelError(f"{where}: {faulty[0]} is missing or of a wrong type; {AGAIN}")
    return record


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=2, allow_nan=False)


def _digest(record: Mapping[str, object]) -> str:
    return hashlib.sha256(_json(record).encode()).hexdigest()
