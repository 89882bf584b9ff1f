"""The fast detector finds what the plain one finds, and is kept for the next command."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from irstd.errors import ModelError
from irstd.export import OnnxDetector, load_quick, quick
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, LoadedDetector, bundle_files, load_files, save_bundle
from irstd.models.folding import points_only
from irstd.models.registry import build
from tests.export.build import frames, loaded, needs_onnx

FILES = bundle_files(build("tophat", {}), Bundle("tophat", {}, Rules(0.3)))
PARTS = ("both", "no onnx")
LOADS = """
import sys
from pathlib import Path
from irstd.export import load_quick
from irstd.models.folder import read_bundle
print(type(load_quick(read_bundle(Path(sys.argv[1])), "hat")).__name__, "torch" in sys.modules)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "irstd"


@needs_onnx
@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize("name", ["spire", "spire-plus", "acm"])
def test_the_same_detections_within_rounding(name: str, parts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if parts == "no onnx":
        monkeypatch.setitem(sys.modules, "onnx", None)
    bundle = loaded(name)
    before = {key: tensor.clone() for key, tensor in bundle.detector.state_dict().items()}
    fast = quick(bundle)
    assert isinstance(fast, OnnxDetector if parts == "both" else LoadedDetector)
    found = 0
    for frame in frames().values():
        ours, theirs = bundle(frame), fast(frame)
        np.testing.assert_allclose(theirs.points, ours.points, atol=1e-3)
        np.testing.assert_allclose(theirs.scores, ours.scores, atol=1e-4)
        found += len(ours)
    assert found > 3
    assert all(torch.equal(before[key], tensor) for key, tensor in bundle.detector.state_dict().items())


def test_only_planes_of_pixels_are_left_out() -> None:
    plain, images = loaded("spire-plus").detector, torch.rand(1, 1, 64, 96)
    lean = points_only(plain)
    with torch.inference_mode():
        raw, found = plain(images), lean(images)
    assert torch.equal(found[:, 4:], raw[:, 4:])
    assert not found[:, :4].any()
    assert sum(each.numel() for each in lean.parameters()) < sum(each.numel() for each in plain.parameters())
    assert points_only(loaded("acm").detector) is loaded("acm").detector


@needs_onnx
class TestKept:
    def test_the_next_call_needs_no_bundle_code(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = load_quick(FILES, "hat")
        assert len(list(cache.iterdir())) == 1
        monkeypatch.setitem(sys.modules, "irstd.models.bundle", None)
        again = load_quick(FILES, "hat")
        assert isinstance(again, OnnxDetector)
        assert again.bundle == first.bundle
        assert again.bundle.bundle == load_files(FILES).hash

    def test_a_process_without_torch_has_it_made_by_another(self, cache: Path) -> None:
        folder = cache.parent / "bundle"
        save_bundle(folder, build("tophat", {}), Bundle("tophat", {}, Rules(0.3)))
        done = subprocess.run([sys.executable, "-c", LOADS, str(folder)], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["OnnxDetector", "False"]
        (kept,) = cache.iterdir()
        made = kept.read_bytes()
        kept.unlink()
        load_quick(FILES, "hat")
        assert kept.read_bytes() == made

    def test_one_that_onnx_cannot_hold_is_tried_once(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("segmentation_models_pytorch")
        name = "smp-pspnet-resnet18"
        files = bundle_files(build(name, {}), Bundle(name, {}, Rules(0.3)))
        assert isinstance(load_quick(files, name), LoadedDetector)
        (mark,) = cache.iterdir()
        assert mark.read_bytes() == b""
        monkeypatch.setattr("irstd.export.writing.onnx_file", None)  # to call it would be an error
        assert isinstance(load_quick(files, name), LoadedDetector)

    def test_without_a_package_nothing_is_kept(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may be there tomorrow."""
        monkeypatch.setitem(sys.modules, "onnx", None)
        assert isinstance(load_quick(FILES, "hat"), LoadedDetector)
        assert not cache.exists()

    def test_another_bundle_is_another_file(self, cache: Path) -> None:
        load_quick(FILES, "hat")
        load_quick(bundle_files(build("tophat", {}), Bundle("tophat", {}, Rules(0.4))), "hat")
        assert len(list(cache.iterdir())) == 2

    def test_a_damaged_file_is_made_again(self, cache: Path) -> None:
        load_quick(FILES, "hat")
        (kept,) = cache.iterdir()
        whole = kept.read_bytes()
        kept.write_bytes(whole[:100])
        assert isinstance(load_quick(FILES, "hat"), OnnxDetector)
        assert kept.read_bytes() == whole

    def test_without_a_cache_it_works_as_well(self, cache: Path) -> None:
        cache.write_text("no folder")
        assert isinstance(load_quick(FILES, "hat"), OnnxDetector)

    def test_the_oldest_of_many_goes(self, cache: Path) -> None:
        cache.mkdir()
        for age in range(10):
            (cache / f"{age}.onnx").touch()
            os.utime(cache / f"{age}.onnx", (age, age))
        load_quick(FILES, "hat")
        assert {path.name for path in cache.iterdir()} > {f"{age}.onnx" for age in range(3, 10)}
        assert len(list(cache.iterdir())) == 8


def test_no_bundle_is_refused() -> None:
    with pytest.raises(ModelError, match="here"):
        load_quick({}, "here")
