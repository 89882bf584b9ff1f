import sys
from pathlib import Path

import pandas as pd
import pytest

from irstd.export import load_onnx
from tests.cli.running import fails, run
from tests.export.build import needs_onnx


@needs_onnx
def test_a_file_detects_what_its_bundle_does(frames: Path, bundle: Path, outside: Path) -> None:
    ran = run("export", bundle, "--format", "onnx", "--out", "top.onnx")
    assert (ran.code, ran.err) == (0, [])
    assert ran.out[0].startswith("top.onnx: tophat of ")
    tables = []
    for model in (bundle, "top.onnx"):
        ran = run("detect", frames, "--model", model, "--out", f"of-{Path(model).stem}", "--no-overlays")
        assert (ran.code, ran.err) == (0, [])
        assert f"(model {model}, tophat, operating threshold 0.7, raw scores)" in ran.out[0]
        tables.append(pd.read_csv(outside / f"of-{Path(model).stem}/detections.csv"))
    pd.testing.assert_frame_equal(tables[0], tables[1], atol=2e-3)
    assert len(tables[0])
    assert "threshold 0.9, raw scores" in run("detect", frames, "--model", "top.onnx", "--threshold", "0.9").out[0]
    assert "keeps no curve" in fails("detect", frames, "--model", "top.onnx", "--precision", "0.9")


@needs_onnx
def test_the_shipped_bundle_in_16_bit(shipped: Path) -> None:
    assert run("export", "pretrained", "--out", "half.onnx", "--half").code == 0
    assert load_onnx(Path("half.onnx")).bundle.half


def test_faults(frames: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--format" in fails("export", bundle, "--format", "torchscript", "--out", "a.onnx", code=2)
    assert "a.bin: the file must end with .onnx" in fails("export", bundle, "--out", "a.bin")
    assert "mine: no such bundle" in fails("export", "mine", "--out", "a.onnx")
    assert "no.onnx: cannot be read" in fails("detect", frames, "--model", "no.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert "irstd[onnx]" in fails("export", bundle, "--out", "a.onnx")
    assert not Path("a.onnx").exists()
