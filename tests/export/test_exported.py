"""Whole files, of detectors of each kind: sizes, outputs, detections, with torch and without."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from irstd.errors import ModelError
from irstd.export import load_onnx
from irstd.export.runtime import load_bytes
from irstd.export.writing import PARITY, onnx_file
from irstd.frames import read_image, write_png
from irstd.models.base import Detector, InputRule, Rules
from irstd.models.bundle import Bundle, LoadedDetector, load_detector
from irstd.models.mask import MaskDetector
from irstd.models.predict import raw_output
from irstd.models.pretrained import FOLDER, has_pretrained
from irstd.models.table import DETECTORS
from tests.export.build import exported, frames, loaded, needs_onnx
from tests.shared import SHARED, needs_shared

EACH_KIND = ("spire", "spire-plus", "acm", "tophat")
EACH_FAMILY = sorted(set(DETECTORS) - {"sshdnet-w16", "sshdnet-w32"})  # of sshdnet the smallest

ROOT = Path(__file__).parents[2]
# As if they were not installed; None in sys.modules would be torch to SciPy, which looks for it there.
BLOCKED = """
import sys
class Absent:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a folder of frames."""
    (tmp_path / "frames").mkdir()
    for name, frame in frames().items():
        write_png(tmp_path / f"frames/{name}.png", frame)
    return tmp_path


def write(folder: Path, name: str) -> Path:
    """The file of a detector."""
    path = folder / f"{name}.onnx"
    path.write_bytes(exported(name))
    return path


def without(names: tuple[str, ...], code: str, *arguments: object) -> str:
    """Return the output of `code` in a process that cannot import the packages `names`."""
    command = [sys.executable, "-c", BLOCKED.format(names=names) + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_found(table: Path, name: str) -> None:
    """The table holds what the bundle finds in the frames."""
    found = pd.read_csv(table)
    count = 0
    for each, frame in frames().items():
        expected, rows = loaded(name)(frame), found[[Path(path).stem == each for path in found["frame"]]]
        np.testing.assert_allclose(rows[["x", "y"]], expected.points, atol=2e-3)
        np.testing.assert_allclose(rows["score"], expected.scores, atol=2e-4)
        count += len(expected)
    assert count == len(found) > 3


@needs_onnx
@pytest.mark.parametrize("name", EACH_FAMILY)
def test_batch_height_and_width_are_free(name: str) -> None:
    detector, network = loaded(name).detector, load_bytes(exported(name), "file").detector
    before = {key: tensor.clone() for key, tensor in detector.state_dict().items()}
    for shape in ((1, 96, 64), (5, 32, 64)):
        images = np.random.default_rng(0).random((shape[0], detector.input.channels, *shape[1:]), dtype=np.float32)
        with torch.inference_mode():
            expected = detector(torch.from_numpy(images)).numpy()
        np.testing.assert_allclose(network.forward(images), expected, atol=PARITY, rtol=1e-4)
    assert all(torch.equal(tensor, before[key]) for key, tensor in detector.state_dict().items())


@needs_onnx
@pytest.mark.parametrize("name", EACH_KIND)
class TestEachKind:
    def test_its_detections_are_those_of_the_bundle(self, name: str, tmp_path: Path) -> None:
        bundle, file = loaded(name), load_onnx(write(tmp_path, name))
        assert file.bundle.bundle == bundle.hash
        assert file.hash == hashlib.sha256(exported(name)).hexdigest()
        for frame in frames().values():
            expected, found = bundle(frame), file(frame)
            np.testing.assert_allclose(found.points, expected.points, atol=1e-3)
            np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)

    def test_the_example_finds_them_without_irstd(self, name: str, folder: Path) -> None:
        run = f"import runpy; runpy.run_path({str(ROOT / 'examples/detect_onnx.py')!r}, run_name='__main__')"
        pictures = sorted((folder / "frames").glob("*.png"))
        printed = without(("torch", "irstd", "scipy", "onnx"), run, write(folder, name), *pictures)
        (folder / "found.csv").write_text(printed)
        assert_found(folder / "found.csv", name)


@needs_onnx
def test_irstd_detect_needs_no_torch(folder: Path) -> None:
    options = ("--model", write(folder, "spire-plus"), "--out", folder / "out", "--no-overlays")
    code = "from irstd.cli import main; main()"
    assert "spire-plus, " in without(("torch", "onnx"), code, "detect", folder / "frames", *options)
    assert_found(folder / "out/detections.csv", "spire-plus")


@needs_onnx
def test_irstd_serve_needs_no_torch(folder: Path) -> None:
    code = """
import irstd.server.run
from starlette.testclient import TestClient
from irstd.server.access import AccessRules
from irstd.server.app import build_app
from irstd.server.model import load_served_file
from irstd.server.watching import Current
with TestClient(build_app(Current(load_served_file(sys.argv[1])), AccessRules())) as client:
    for path in sys.argv[2:]:
        answer = client.post("/detect", content=open(path, "rb").read(), headers={"Content-Type": "image/png"})
        for found in answer.json()["frames"][0]["detections"]:
            print(path, found["x"], found["y"], found["score"], sep=",")
"""
    pictures = sorted((folder / "frames").glob("*.png"))
    printed = without(("torch", "onnx"), code, write(folder, "spire-plus"), *pictures)
    (folder / "found.csv").write_text("frame,x,y,score\n" + printed)
    assert_found(folder / "found.csv", "spire-plus")


@needs_onnx
def test_no_batch_norm_is_left() -> None:
    assert b"BatchNormalization" not in exported("spire")


@needs_onnx
def test_the_same_detector_gives_the_same_bytes_and_no_place() -> None:
    assert onnx_file(loaded("tophat")).data == exported("tophat")
    for name in EACH_KIND:
        assert str(ROOT).encode() not in exported(name)
        assert b".py" not in exported(name)


@needs_onnx
def test_half_stores_weights_in_half_the_bytes() -> None:
    full, half = exported("spire-plus"), exported("spire-plus", half=True)
    assert len(half) < 0.6 * len(full)
    expected = load_bytes(full, "full").detector.raw_output(frames()["grey"])
    found = load_bytes(half, "half")
    assert found.bundle.half
    np.testing.assert_allclose(
        found.detector.raw_output(frames()["grey"]), expected, atol=0.01 * float(np.abs(expected).max())
    )


@needs_onnx
@needs_shared
@pytest.mark.skipif(not has_pretrained(), reason="this checkout ships no bundle")
def test_the_shipped_bundle_on_real_frames() -> None:
    bundle = load_detector(FOLDER)
    network = load_bytes(onnx_file(bundle).data, "file").detector
    paths = sorted((SHARED / "open-sirst-v1/mixed").glob("*.png"))[:5]
    assert paths
    for frame in map(read_image, paths):
        np.testing.assert_allclose(network.raw_output(frame), raw_output(bundle.detector, frame), atol=PARITY, rtol=0)


class Strange(MaskDetector):
    """A detector whose output changes where a trace would not see it."""

    loss, paper = None, ""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images * float(images.shape[3])


@needs_onnx
def test_a_graph_that_is_not_the_detector_is_refused() -> None:
    strange = Strange(InputRule(channels=1, size=None))
    with pytest.raises(ModelError, match="strange: the ONNX graph differs"):
        onnx_file(LoadedDetector(strange, Bundle("strange", {}, Rules()), "0"))


@needs_onnx
def test_a_detector_that_cannot_be_traced_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Strange, "forward", lambda _, images: torch.linalg.eigvalsh(images))
    with pytest.raises(ModelError, match="strange cannot be exported") as refused:
        onnx_file(LoadedDetector(Strange(InputRule(channels=1, size=None)), Bundle("strange", {}, Rules()), "0"))
    assert len(str(refused.value)) < 300
    assert "\n" not in str(refused.value)
    assert capfd.readouterr() == ("", "")


@needs_onnx
def test_a_detector_of_no_known_decoding_is_refused() -> None:
    class Other(Detector):
        stride, target, trained, loss, paper = 1, "mask", True, None, ""
        forward = response = lambda *_: None  # type: ignore[assignment]

    with pytest.raises(ModelError, match="Other"):
        onnx_file(LoadedDetector(Other(InputRule()), Bundle("other", {}, Rules()), "0"))
