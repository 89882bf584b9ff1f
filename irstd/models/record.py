"""bundle.json, the content of a bundle beside its weights: same values, same bytes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from irstd.errors import DataError, ModelError
from irstd.files import parse_json

FORMAT = 2
RECORD = "bundle.json"
AGAIN = "copy or train the bundle again"
MOST_RECORD = 4 << 20
"""Bytes of the longest bundle.json that is read; those of today have some thousand."""
_MOST_NAME = 100
_NAMES = ("detector", "code", "bundle")

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


def parsed(text: str, where: str, newest: int, again: str) -> dict[str, Any]:
    """Parse the JSON of a stranger's record; `where` begins the message of every error, `again` ends some.

    Raises:
        ModelError: it is none, or names no format, or one above `newest`.
    """
    try:
        record = parse_json(text, where, MOST_RECORD)
    except DataError as fault:
        raise ModelError(str(fault)) from fault
    if not isinstance(record, dict) or type(record.get("format")) is not int or record["format"] < 1:
        raise ModelError(f"{where}: names no format, so it is of no model; {again}")
    if record["format"] > newest:
        raise ModelError(f"{where}: is of format {record['format']}, this irstd reads up to {newest}; update irstd")
    return record


def check_fields(record: Mapping[str, Any], kinds: Mapping[str, tuple[type, ...]]) -> None:
    """Raise `ModelError` unless each of these fields is there and of one of its types, names short, warnings text."""
    faulty = [name for name, types in kinds.items() if not isinstance(record.get(name, ...), types)]
    faulty += [name for name in _NAMES if name in kinds and len(str(record.get(name))) > _MOST_NAME]
    faulty += ["warnings"] * any(not isinstance(each, str) for each in record.get("warnings") or ())
    if faulty:
        raise ModelError(f"{faulty[0]} is missing or of a wrong type")


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
        text = files[RECORD].decode()
    except UnicodeDecodeError as fault:
        raise ModelError(f"{where}: is no JSON ({fault.reason}); {AGAIN}") from fault
    record = parsed(text, where, FORMAT, AGAIN)
    if record.pop("digest", None) != _digest(record):
        raise ModelError(f"{where}: was changed after it was written; {AGAIN}, or write the change with save_bundle")
    if record["format"] == 1:
        record["detector"] = record.pop("variant", None)
    try:
        check_fields(record, _FIELDS)
    except ModelError as fault:
        raise ModelError(f"{where}: {fault}; {AGAIN}") from fault
    return record


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, indent=2, allow_nan=False)


def _digest(record: Mapping[str, object]) -> str:
    return hashlib.sha256(_json(record).encode()).hexdigest()
