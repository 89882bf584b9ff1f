import numpy as np
import pytest
import torch

from irstd.errors import ModelError
from irstd.export.folding import folded
from irstd.export.runtime import load_bytes
from irstd.export.writing import PARITY, decoding_of, onnx_file
from irstd.frames import read_image
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, load_detector
from irstd.models.predict import raw_output
from irstd.models.pretrained import FOLDER, has_pretrained
from irstd.models.table import DETECTORS
from tests.export.build import exported, frames, loaded, needs_onnx
from tests.shared import SHARED, needs_shared

FEW = ("spire", "spire-plus", "acm", "sshdnet-w8", "tophat")


@needs_onnx
@pytest.mark.parametrize("name", FEW)
def test_batch_height_and_width_are_free(name: str) -> None:
    detector, network = loaded(name).detector, load_bytes(exported(name), "file").detector
    for shape in ((1, 96, 64), (5, 32, 160)):
        images = np.random.default_rng(0).random((shape[0], detector.input.channels, *shape[1:]), dtype=np.float32)
        with torch.inference_mode():
            expected = detector(torch.from_numpy(images)).numpy()
        np.testing.assert_allclose(network.forward(images), expected, atol=PARITY, rtol=0)


@needs_onnx
@pytest.mark.parametrize("name", ["spire", "spire-plus"])
def test_no_batch_norm_is_left(name: str) -> None:
    import onnx

    model = onnx.load_from_string(exported(name))
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}


@needs_onnx
def test_the_same_detector_gives_the_same_bytes_and_no_place() -> None:
    first, again = exported("spire-plus"), onnx_file(loaded("spire-plus")).data
    assert first == again
    assert b"/irstd/" not in first
    assert b".py" not in first


@needs_onnx
def test_half_stores_weights_in_half_the_bytes() -> None:
    full, half = exported("spire-plus"), exported("spire-plus", half=True)
    assert len(half) < 0.6 * len(full)
    frame = frames()["grey"]
    expected = load_bytes(full, "full").detector.raw_output(frame)
    found = load_bytes(half, "half")
    assert found.bundle.half
    np.testing.assert_allclose(found.detector.raw_output(frame), expected, atol=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_folding_changes_no_output(name: str) -> None:
    detector = loaded(name).detector
    images = torch.rand(2, detector.input.channels, 64, 96, generator=torch.Generator().manual_seed(0))
    before = {key: tensor.clone() for key, tensor in detector.state_dict().items()}
    with torch.inference_mode():
        torch.testing.assert_close(folded(detector)(images), detector(images), atol=PARITY, rtol=1e-4)
    assert all(torch.equal(tensor, before[key]) for key, tensor in detector.state_dict().items())


@pytest.mark.parametrize("name", ["spire", "spire-plus", "mshnet"])
def test_folding_leaves_no_batch_norm(name: str) -> None:
    assert not [each for each in folded(loaded(name).detector).modules() if isinstance(each, torch.nn.BatchNorm2d)]


@needs_onnx
@needs_shared
@pytest.mark.skipif(not has_pretrained(), reason="this checkout ships no bundle")
def test_the_shipped_bundle_on_real_frames() -> None:
    bundle = load_detector(FOLDER)
    network = load_bytes(onnx_file(bundle).data, "file").detector
    for path in sorted((SHARED / "open-sirst-v1/mixed").glob("*.png"))[:5]:
        frame = read_image(path)
        expected = raw_output(bundle.detector, frame)
        np.testing.assert_allclose(network.raw_output(frame), expected, atol=PARITY, rtol=0)


def test_a_detector_of_no_known_decoding_is_refused() -> None:
    class Strange(Detector):
        stride, target, trained, loss, paper = 1, "mask", True, None, ""
        forward = detections = response = lambda *_: None  # type: ignore[assignment]

    with pytest.raises(ModelError, match="strange cannot be exported"):
        decoding_of(Strange(loaded("acm").detector.input), Bundle("strange", {}, Rules()))
