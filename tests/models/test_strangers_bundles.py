"""Bundles from strangers: one line each, before a large number in them is made large."""

import hashlib
import json
import os
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from irstd.errors import ModelError
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files, load_detector, load_files
from irstd.models.registry import build

Record = dict[str, Any]
Header = dict[str, Any]

SPIRE = bundle_files(build("spire", {"size": 64}), Bundle("spire", {"size": 64}, Rules()))


def resigned(change: Callable[[Record], object]) -> dict[str, bytes]:
    """The bundle with another record, whose digest is right."""
    record = json.loads(SPIRE["bundle.json"])
    del record["digest"]
    change(record)
    text = json.dumps(record, sort_keys=True, indent=2)
    record["digest"] = hashlib.sha256(text.encode()).hexdigest()
    return {**SPIRE, "bundle.json": json.dumps(record).encode()}


def weighted(change: Callable[[Header], object], length: int | None = None) -> dict[str, bytes]:
    """The bundle with another header of its weights, and the right digest of them."""
    data = SPIRE["weights.safetensors"]
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    change(header)
    text = json.dumps(header).encode()
    weights = (len(text) if length is None else length).to_bytes(8, "little") + text + data[end:]
    digest = hashlib.sha256(weights).hexdigest()
    return {**resigned(lambda record: record.update(weights=digest)), "weights.safetensors": weights}


def first(header: Header) -> Header:
    return next(entry for name, entry in header.items() if name != "__metadata__")


RECORDS: dict[str, Callable[[Record], object]] = {
    "threshold above 1": lambda r: r["operating"].update(threshold=1e300),
    "negative threshold": lambda r: r["operating"].update(threshold=-0.1),
    "no detections": lambda r: r["operating"].update(most=0),
    "too many detections": lambda r: r["operating"].update(most=10**12),
    "value range": lambda r: r["operating"].update(value_range=2.0),
    "huge input": lambda r: r["settings"].update(size=32 * 10**11),
    "huge kernel": lambda r: r.update(detector="tophat", settings={"kernel": 10**12 + 1}),
    "foundation model": lambda r: r.update(detector="fdep-acm", settings={"weights": "hub"}),
    "nested families": lambda r: r.update(detector="fdep-" * 10_000 + "acm"),
    "long name": lambda r: r.update(detector="x" * 1_000_000),
    "long setting": lambda r: r["settings"].update(color="x" * 1_000_000),
    "negative format": lambda r: r.update(format=-1),
    "long code": lambda r: r.update(code="x" * 1_000_000, input={}),
    "warnings of lists": lambda r: r.update(warnings=[["x"]]),
    "65 bit": lambda r: r["scores"].update(x=2**64),
    "calibration that falls": lambda r: r.update(calibration={"rise": -1.0}),
    "calibration of a text": lambda r: r.update(calibration={"rise": "x" * 1_000_000}),
    "calibration of a list": lambda r: r.update(calibration=[1.0, 1.0, 0.0]),
    "calibration with more": lambda r: r.update(calibration={"x" * 1000: 1.0}),
    "curve of a text": lambda r: r.update(curve="x" * 1_000_000),
    "curve too long": lambda r: r.update(curve={"thresholds": [0.5] * 100_000}),
    "another network": lambda r: r.update(detector="dnanet", settings={}, input={}),
}
HEADERS: dict[str, Callable[[Header], object]] = {
    "shape": lambda h: first(h).update(shape=[10**12, 10**12]),
    "empty shape": lambda h: first(h).update(shape=[0, 10**18]),
    "negative shape": lambda h: first(h).update(shape=[-1]),
    "axes": lambda h: first(h).update(shape=[1] * 100_000),
    "offsets": lambda h: first(h).update(data_offsets=[0, 10**12]),
    "unknown type": lambda h: first(h).update(dtype="F4"),
    "type that lies": lambda h: first(h).update(dtype="F64" if first(h)["dtype"] != "F64" else "F32"),
    "no entry": lambda h: h.update(extra=3),
    "long name": lambda h: h.update({"x" * 1_000_000: first(h)}),
    "65 bit": lambda h: first(h).update(shape=[2**64]),
    "deep": lambda h: first(h).update(shape=json.loads("[" * 90 + "]" * 90)),
    "many": lambda h: h.update({f"x{n}": {} for n in range(20_000)}),
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a bundle asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def in_one_line(load: Callable[[], object]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError) as refused:
        load()
    assert len(str(refused.value)) < 300
    assert "\n" not in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_out_of_bounds_is_refused(kind: str) -> None:
    in_one_line(lambda: load_files(resigned(RECORDS[kind])))


@pytest.mark.parametrize("kind", HEADERS)
def test_a_header_out_of_bounds_is_refused(kind: str) -> None:
    in_one_line(lambda: load_files(weighted(HEADERS[kind])))


@pytest.mark.parametrize("length", [2**63, 10**12, 5 << 20, 3])
def test_the_length_of_a_header_is_no_promise(length: int) -> None:
    in_one_line(lambda: load_files(weighted(lambda header: None, length)))


@pytest.mark.parametrize("text", ['{"format": 2, "a": ' + "9" * 5000 + "}", '{"a":' * 5000, '{"format": Infinity}'])
def test_a_record_that_is_a_bomb_is_refused(text: str) -> None:
    in_one_line(lambda: load_files({"bundle.json": text.encode()}))


@pytest.mark.parametrize("name", ["bundle.json", "weights.safetensors"])
def test_what_is_no_file_or_a_huge_one_is_not_read(name: str, tmp_path: Path) -> None:
    for other, content in SPIRE.items():
        (tmp_path / other).write_bytes(content)
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(10**12)
    in_one_line(lambda: load_detector(tmp_path))
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    in_one_line(lambda: load_detector(tmp_path))


def test_what_is_changed_within_bounds_still_loads() -> None:
    assert load_files(resigned(lambda record: record["operating"].update(threshold=1.0, most=1))).detector
    assert load_files(weighted(lambda header: None)).detector
