"""The contract of every detector."""

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from irstd.errors import IrstdError, ModelError, UnknownNameError
from irstd.labels.decode import MOST_PEAKS
from irstd.losses import LOSSES, LossState
from irstd.models.base import Detector, Rules
from irstd.models.bundle import Bundle, load_detector, save_bundle
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.predict import detect, predict, predict_ranked, raw_output
from irstd.models.registry import build, deployed_as, find_detector
from irstd.models.table import DETECTORS
from irstd.settings.faults import SectionError

PACKAGE = "segmentation_models_pytorch"
needs_smp = pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None, reason=f"{PACKAGE}, irstd's extra smp, is not installed"
)

FDEP, SMP = "fdep-acm", "smp-fpn-tu-tf_mobilenetv3_small_100"
EVERY = [*sorted(DETECTORS), FDEP, pytest.param(SMP, marks=needs_smp)]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """On inputs this small a second thread mostly waits, and on a busy machine both do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small_settings(variant: str) -> Mapping[str, object]:
    """Settings by which a detector is quick to run."""
    if variant == FDEP:
        return {
            "foundation": "vit_tiny_patch16_224",
            "weights": "random",
            "start": "fresh",
        }  # the identity learns in two steps
    sized = any(field.name == "size" for field in fields(find_detector(variant).settings))
    return {"size": 64} if sized else {}


def small(variant: str) -> Detector:
    """A new detector that is quick to run."""
    torch.manual_seed(0)
    return build(variant, small_settings(variant))


@cache
def shared(variant: str) -> Detector:
    """The same, in eval mode, for tests that leave it as it is."""
    return small(variant).eval()


@pytest.mark.parametrize("variant", EVERY)
class TestContract:
    def test_its_entry_is_whole(self, variant: str) -> None:
        entry = find_detector(variant)
        detector = shared(variant)
        assert entry.name == variant
        assert entry.paper == detector.paper != ""
        assert detector.target in ("response", "mask", "both")
        assert (entry.loss in LOSSES) if detector.trained else (entry.loss is None)
        with pytest.raises((FrozenInstanceError, AttributeError)):
            entry.settings().anything = 1

    def test_raw_output_has_the_shape_its_stride_says(self, variant: str) -> None:
        detector = shared(variant)
        images = torch.rand(2, detector.input.channels, 64, 96)
        with torch.no_grad():
            assert detector(images).shape == (2, detector.planes, 64 // detector.stride, 96 // detector.stride)

    def test_zeros_ones_and_noise_give_numbers(self, variant: str) -> None:
        detector = shared(variant)
        shape = (1, detector.input.channels, 64, 64)
        with torch.no_grad():
            for images in (torch.zeros(shape), torch.ones(shape), torch.rand(shape)):
                assert torch.isfinite(detector(images)).all()

    @pytest.mark.parametrize("shape", [(1, 1), (2, 3, 3), (77, 101), (210, 160), (33, 20, 3)])
    @pytest.mark.parametrize("depth", [np.uint8, np.uint16])
    def test_frames_of_any_size_and_depth_come_through(
        self, variant: str, shape: tuple[int, ...], depth: type[np.uint8]
    ) -> None:
        frame = np.random.default_rng(0).integers(0, np.iinfo(depth).max, shape, dtype=depth)
        detector = shared(variant)
        prediction = predict(detector, frame, Rules(threshold=0.3, most=5))
        # A point may lie in the half cell round the frame, and the point of a mask never off it.
        slack = (detector.stride // 2) / min(detector.input.place(*shape[:2]).scale) + 1e-6
        assert prediction.response.shape == shape[:2]
        assert prediction.response.dtype == np.float32
        assert 0.0 <= prediction.response.min() <= prediction.response.max() <= 1.0
        for found in (prediction.detections, prediction.operating):
            assert found.points.shape == (len(found), 2)
            assert ((found.scores >= 0.0) & (found.scores <= 1.0)).all()
            assert (np.diff(found.scores) <= 0).all()
            assert (found.points >= -slack).all()
            assert (found.points <= np.array(shape[1::-1]) - 1 + slack).all()
        assert len(prediction.operating) <= 5

    @pytest.mark.parametrize("shape", [(1, 1), (77, 101), (33, 20, 3)])
    def test_peaks_have_no_floor_and_hold_what_hse_1_takes(self, variant: str, shape: tuple[int, ...]) -> None:
        frame = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        detector, rules = shared(variant), Rules(threshold=0.3)
        plain, (found, peaks) = predict(detector, frame, rules), predict_ranked(detector, frame, rules)
        assert found.response.tobytes() == plain.response.tobytes()
        assert found.detections.scores.tolist() == plain.detections.scores.tolist()
        if detector.target == "mask":
            assert peaks is None
            return
        assert peaks is not None
        assert len(found.detections) <= len(peaks.detections) <= MOST_PEAKS
        strong = peaks.detections.reaching(0.1)
        assert strong.points.tolist() == plain.detections.points.tolist()
        if detector.target == "both":  # its pixels come from a map of their own
            np.testing.assert_array_equal(peaks.response, plain.response)
            return
        reached = np.where(peaks.response >= np.float32(0.1), peaks.response, 0)
        np.testing.assert_array_equal(reached, plain.response)

    @pytest.mark.parametrize("shape", [(1, 1), (1, 40), (97, 135), (512, 640)])
    @pytest.mark.parametrize("level", [None, -1e4, 1e4])
    def test_whatever_is_put_out_is_decoded(self, variant: str, shape: tuple[int, int], level: float | None) -> None:
        """The detector's own raw output, or noise about a level far beyond it."""
        detector, random = shared(variant), np.random.default_rng(0)
        placement = detector.input.place(*shape)
        frame = random.integers(0, 256, shape, dtype=np.uint8)
        if level is None or not detector.trained:  # a filter without weights bounds what it puts out
            level, raw = None, raw_output(detector, frame)
        else:
            sides = tuple(side // detector.stride for side in placement.size)
            planes = (detector.planes,) if detector.planes > 1 else ()
            raw = (level + random.standard_normal((*planes, *sides))).astype(np.float32)
        found = detector.detections(raw, placement, Rules(threshold=0.3))
        response = detector.response(raw, placement, frame, found)
        assert response.shape == shape
        assert response.dtype == np.float32
        assert 0.0 <= response.min() <= response.max() <= 1.0
        assert ((found.scores >= 0.3) & (found.scores <= 1.0)).all()
        assert np.isfinite(found.points).all()
        if level is not None and min(shape) > 1:  # all peaks may stand round a frame of one pixel
            assert (len(found) > 0) == (level > 0.0)

    def test_same_seed_same_frame_same_bytes(self, variant: str) -> None:
        frame = np.random.default_rng(0).integers(0, 256, (50, 60), dtype=np.uint8)
        assert raw_output(small(variant), frame).tobytes() == raw_output(small(variant), frame).tobytes()

    def test_every_trainable_weight_gets_a_gradient(self, variant: str) -> None:
        detector = small(variant).train()
        if not detector.trained:
            assert count_parameters(detector) == 0
            return
        planes = detector.planes + (detector.target == "both")  # of its label: where offsets are learned, too
        label = torch.zeros(2, planes, 64 // detector.stride, 64 // detector.stride)
        label[:, :, 5:8, 3:7] = 1.0
        loss, state = LOSSES[str(detector.loss)], LossState(progress=0.5)
        paths = detector.paths(torch.rand(2, detector.input.channels, 64, 64))
        torch.autograd.backward(torch.stack([loss(path, label, state) for path in paths]).sum())
        for name, weight in detector.named_parameters():
            if not weight.requires_grad:
                continue
            assert weight.grad is not None, name
            assert weight.grad.isfinite().all(), name
            # A bias before BatchNorm has none but for rounding.
            assert name.endswith("bias") or weight.grad.abs().sum() > 0, name

    def test_its_cost_is_counted(self, variant: str) -> None:
        detector = shared(variant)
        assert (count_parameters(detector) > 0) == detector.trained
        assert (count_gmac(detector, 64) > 0) == detector.trained

    def test_a_bundle_brings_it_back_to_the_bit(self, variant: str, tmp_path: Path) -> None:
        detector = small(variant)
        if detector.trained:  # running means that are not the initial ones
            detector.train()(torch.rand(2, detector.input.channels, 64, 64))
        shipped, settings = deployed_as(variant, small_settings(variant))
        bundle = Bundle(shipped, settings, Rules(threshold=0.25), {"dataset": "demo"}, {"val": {"hse": 51.25}})
        save_bundle(tmp_path / "bundle", detector.deployed(), bundle)
        loaded = load_detector(tmp_path / "bundle")
        frame = np.random.default_rng(0).integers(0, 256, (50, 60), dtype=np.uint8)
        assert raw_output(loaded.detector, frame).tobytes() == raw_output(detector, frame).tobytes()
        expected = detect(detector, frame, Rules(threshold=0.25))
        assert loaded(frame).points.tolist() == expected.points.tolist()
        assert loaded.predict(frame).operating.scores.tolist() == expected.scores.tolist()
        assert (loaded.bundle.operating, loaded.bundle.data) == (bundle.operating, bundle.data)
        assert loaded.bundle.scores == bundle.scores
        assert loaded.bundle.settings.items() >= settings.items()


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown detector 'spir': did you mean spire\? known: .*spire"):
        build("spir", {})


@pytest.mark.parametrize(
    ("detector", "settings", "place"),
    [
        ("spire", {"colour": "grey"}, ".colour"),
        ("spire", {"color": "blue"}, ".color"),
        ("spire", {"size": "512"}, ".size"),
        ("spire", {"size": 512.0}, ".size"),
        ("spire", {"size": 510}, ".size"),
        ("tophat", {"kernel": True}, ".kernel"),
        ("tophat", {"half_snr": None}, ".half_snr"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(detector: str, settings: dict[str, object], place: str) -> None:
    with pytest.raises(SectionError) as caught:
        build(detector, settings)
    assert list(caught.value.faults) == [f"{detector}: model{place}"]


def test_a_whole_number_passes_for_a_float() -> None:
    assert build("tophat", {"half_snr": 5}).settings == find_detector("tophat").settings(half_snr=5.0)


def test_errors_of_the_table_are_of_one_tree() -> None:
    assert issubclass(ModelError, IrstdError)
    assert issubclass(UnknownNameError, IrstdError)
