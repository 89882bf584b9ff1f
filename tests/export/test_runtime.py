import importlib
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irstd.errors import DataError, ModelError
from irstd.export import load_onnx
from irstd.export.record import KEY, read_text, record_text
from irstd.export.runtime import load_bytes
from tests.export.build import CALIBRATION, exported, needs_onnx

Record = dict[str, Any]

onnx: Any = importlib.import_module("onnx") if importlib.util.find_spec("onnx") else None


@needs_onnx
def test_what_is_no_frame_is_refused() -> None:
    detector = load_bytes(exported("tophat"), "file")
    for frame in (np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4), np.float32), np.zeros((0, 4), np.uint8)):
        with pytest.raises(DataError):
            detector(frame)  # type: ignore[arg-type]


@needs_onnx
def test_a_record_comes_back() -> None:
    found = load_bytes(exported("tophat"), "file").bundle
    assert read_text(record_text(found), "file") == found
    assert found.calibration == CALIBRATION


STRANGE: dict[str, Callable[[Record], object]] = {
    "newer": lambda r: r.update(format=2),
    "no format": lambda r: r.pop("format"),
    "no detector": lambda r: r.pop("detector"),
    "long name": lambda r: r.update(detector="x" * 1_000_000),
    "unknown name": lambda r: r.update(extra=1),
    "huge input": lambda r: r["input"].update(size=10**9),
    "huge multiple": lambda r: r["input"].update(multiple=10**9),
    "channels": lambda r: r["input"].update(channels=2),
    "grey in rgb": lambda r: r["input"].update(color="rgb", channels=1),
    "stride": lambda r: r["decode"].update(stride=0),
    "planes": lambda r: r["decode"].update(planes=3),
    "kind": lambda r: r["decode"].update(kind="x" * 1_000_000),
    "reach": lambda r: r["decode"].update(reach=-1),
    "threshold": lambda r: r["operating"].update(threshold=2.0),
    "too many detections": lambda r: r["operating"].update(most=10**12),
    "calibration that falls": lambda r: r.update(calibration={"rise": -1.0}),
    "curve": lambda r: r.update(curve={"thresholds": [0.5] * 100_000}),
    "warnings of lists": lambda r: r.update(warnings=[["x"]]),
    "65 bit": lambda r: r["scores"].update(x=2**64),
    "a list": lambda r: r.update(input=[]),
}


def in_one_line(text: str | None) -> None:
    with pytest.raises(ModelError) as refused:
        read_text(text, "file.onnx")
    assert str(refused.value).startswith("file.onnx: ")
    assert len(str(refused.value)) < 300
    assert "\n" not in str(refused.value)


def record() -> Record:
    """A record as a file has it."""
    return {
        "format": 1,
        "detector": "spire",
        "bundle": "0" * 64,
        "code": "0.1.0",
        "input": {"color": "grey", "channels": 3, "size": 512, "multiple": 1, "deep": "stretch"},
        "decode": {
            "kind": "peaks",
            "planes": 1,
            "stride": 4,
            "reach": None,
            "sigmoid": False,
            "centre": "quarter",
        },
        "operating": {"threshold": 0.35, "value_range": 0.35, "most": 8},
        "calibration": None,
        "curve": None,
        "data": {},
        "scores": {},
        "warnings": [],
        "half": False,
    }


def test_a_record_that_is_fine_is_read() -> None:
    assert read_text(json.dumps(record()), "file.onnx").operating.most == 8


@pytest.mark.parametrize("kind", STRANGE)
def test_a_record_out_of_bounds_is_refused(kind: str) -> None:
    strange = record()
    STRANGE[kind](strange)
    in_one_line(json.dumps(strange))


@pytest.mark.parametrize("text", [None, "", "no JSON", "[]", '{"a":' * 5000, '{"format": Infinity}'])
def test_what_is_no_record_is_refused(text: str | None) -> None:
    in_one_line(text)


def refused(data: bytes) -> str:
    with pytest.raises(ModelError) as fault:
        load_bytes(data, "file.onnx")(np.zeros((40, 40), np.uint8))
    assert len(str(fault.value)) < 300
    assert "\n" not in str(fault.value)
    return str(fault.value)


@needs_onnx
class TestStrangersFiles:
    def changed(self, change: Callable[[Any], object]) -> bytes:
        model = onnx.load_from_string(exported("tophat"))
        change(model)
        return bytes(model.SerializeToString())

    @pytest.mark.parametrize("data", [b"", b"no model", b"\x00" * 1000])
    def test_what_is_no_model(self, data: bytes) -> None:
        assert "no ONNX file that can be run" in refused(data)

    def test_one_cut_short(self) -> None:
        refused(exported("tophat")[:-200])

    def test_one_of_somebody_else(self) -> None:
        assert "no metadata of irstd" in refused(self.changed(lambda model: model.ClearField("metadata_props")))

    def test_one_whose_weights_lie_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def move(model: Any) -> None:
            weights = np.zeros((64, 64), np.float32)
            stored = onnx.numpy_helper.from_array(weights, "elsewhere")
            stored.ClearField("raw_data")
            stored.data_location = onnx.TensorProto.EXTERNAL
            stored.external_data.add(key="location", value="weights")
            model.graph.initializer.append(stored)
            model.graph.node.append(onnx.helper.make_node("Identity", ["elsewhere"], ["unused"]))
            model.graph.output.append(onnx.helper.make_tensor_value_info("unused", 1, [64, 64]))

        (tmp_path / "weights").write_bytes(bytes(64 * 64 * 4))
        monkeypatch.chdir(tmp_path)
        assert "no ONNX file that can be run" in refused(self.changed(move))

    def test_one_with_a_further_output(self) -> None:
        def add(model: Any) -> None:
            model.graph.node.append(onnx.helper.make_node("Identity", [model.graph.output[0].name], ["further"]))
            model.graph.output.append(model.graph.output[0])
            model.graph.output[-1].name = "further"

        assert "needs one output" in refused(self.changed(add))

    def test_one_whose_metadata_is_of_another_graph(self) -> None:
        other = record()
        other["input"].update(channels=1, size=64)
        line = refused(self.changed(lambda model: onnx.helper.set_model_props(model, {KEY: json.dumps(other)})))
        assert "where its metadata says (1, 1, 16, 16)" in line

    @pytest.mark.parametrize("how", ["missing", "folder", "huge"])
    def test_what_cannot_be_read(self, how: str, tmp_path: Path) -> None:
        path = tmp_path / "model.onnx"
        if how == "folder":
            path.mkdir()
        elif how == "huge":
            with path.open("wb") as stream:
                stream.truncate(10**12)
        with pytest.raises(ModelError, match=r"model\.onnx"):
            load_onnx(path)


def test_without_the_extra_the_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"onnxruntime.*irstd\[onnx\]"):
        load_bytes(b"", "file.onnx")
