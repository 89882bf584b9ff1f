"""Weights of a foundation model: out of a file, out of the hub's cache, or a line on how to get them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
from safetensors.torch import save_file

from irstd.errors import IrstdError, ModelError
from irstd.models.fdep import Foundation
from irstd.models.fdep.foundation import Reading
from irstd.models.registry import check_detector
from irstd.models.table import DETECTORS
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from tests.shared import SHARED, needs_shared
from tests.training.tiny import scenes

STATED = Reading(statistics="half")
TINY = "test_vit"  # timm's own for tests: 0.4 M parameters, 6 blocks


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache, empty, without a network."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return folder


def saved(path: Path, model: str = TINY, classes: int = 1000) -> Path:
    """A file of timm's own weights of `model`, random ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(3)
    save_file(timm.create_model(model, num_classes=classes).state_dict(), path)
    return path


def features(foundation: Foundation) -> torch.Tensor:
    return foundation.features(torch.linspace(0, 1, 32 * 32).view(1, 1, 32, 32), (5,))[0]


@pytest.mark.parametrize("classes", [0, 10, 1000])
def test_weights_of_a_file_are_what_it_computes_with(tmp_path: Path, classes: int) -> None:
    path = saved(tmp_path / "tiny.safetensors", classes=classes)
    torch.manual_seed(3)
    origin = timm.create_model(TINY, num_classes=classes, dynamic_img_size=True).eval()
    loaded = Foundation(TINY, str(path), STATED)
    assert not any(name.startswith("head") for name in loaded.values())
    assert all(torch.equal(tensor, origin.state_dict()[name]) for name, tensor in loaded.values().items())
    assert re.fullmatch("[0-9a-f]{64}", loaded.weights)


def test_the_hubs_cache_needs_no_network(hub: Path, tmp_path: Path) -> None:
    cached = saved(hub / "models--timm--test_vit.r160_in1k" / "snapshots" / "abc" / "model.safetensors")
    (cached.parents[2] / "refs").mkdir()
    (cached.parents[2] / "refs" / "main").write_text("abc")
    by_hub, by_file = Foundation(TINY, "hub"), Foundation(TINY, str(cached), STATED)
    assert torch.equal(features(by_hub), features(by_file))
    assert by_hub.weights == by_file.weights != "random"


def test_neither_hub_nor_cache_says_how_to_get_them(hub: Path) -> None:
    with pytest.raises(ModelError) as raised:
        Foundation("vit_small_patch16_dinov3.lvd1689m", "hub")
    line = str(raised.value)
    assert line.startswith(
        "foundation vit_small_patch16_dinov3.lvd1689m: its weights cannot be downloaded from the hub ("
    )
    assert "run `hf download timm/vit_small_patch16_dinov3.lvd1689m model.safetensors` once" in line
    assert "\n" not in line
    with pytest.raises(ModelError, match=r"timm knows no weights of it; set model\.weights to a safetensors file"):
        Foundation("vit_small_patch16_18x2_224", "hub")


def test_absent_and_unreadable_files_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors: no such file; give the path"):
        Foundation(TINY, str(tmp_path / "gone.safetensors"))
    with pytest.raises(ModelError, match=r"must be hub, random or a \.safetensors file; convert it first"):
        Foundation(TINY, str(tmp_path / "vit.pth"))
    (tmp_path / "other.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"other\.safetensors: no safetensors file that can be read .*fetch it again"):
        Foundation(TINY, str(tmp_path / "other.safetensors"))


@pytest.mark.parametrize("wanted", ["test_vit2", "test_vit3"])
def test_a_file_of_another_network_is_refused(tmp_path: Path, wanted: str) -> None:
    path = saved(tmp_path / "stored.safetensors")
    with pytest.raises(
        ModelError, match=rf"foundation {wanted}: .*stored\.safetensors holds weights of another network"
    ):
        Foundation(wanted, str(path))


def test_a_file_with_one_weight_of_another_shape_is_refused(tmp_path: Path) -> None:
    stored = {**Foundation(TINY, "random").values(), "norm.weight": torch.ones(3)}
    save_file(stored, tmp_path / "stored.safetensors")
    with pytest.raises(ModelError, match=r"another network .*size mismatch for norm\.weight"):
        Foundation(TINY, str(tmp_path / "stored.safetensors"))


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ("vit_tiny_patch16_224", "vit_small_patch16_224"),
        ("vit_small_patch14_dinov2", "vit_small_patch16_224"),
        ("vit_small_patch14_reg4_dinov2", "vit_small_patch14_dinov2"),
        ("vit_small_patch14_dinov2", "vit_small_patch14_reg4_dinov2"),
    ],
)
def test_width_patch_and_registers_are_the_files(tmp_path: Path, stored: str, named: str) -> None:
    path = saved(tmp_path / "stored.safetensors", stored, classes=0)
    with pytest.raises(ModelError, match=r"stored\.safetensors (holds weights of another network|is of a patch of 14)"):
        Foundation(named, str(path), STATED)


def test_another_patch_is_refused_where_all_else_fits(tmp_path: Path) -> None:
    """timm itself would resample it."""
    stored = Foundation("vit_tiny_patch16_224", "random").values()
    stored["patch_embed.proj.weight"] = torch.zeros(192, 3, 8, 8)
    save_file(stored, tmp_path / "stored.safetensors")
    with pytest.raises(ModelError, match=r"patch of 8 × 8 px and 3 colours, the model's is of 16 × 16 and 3"):
        Foundation("vit_tiny_patch16_224", str(tmp_path / "stored.safetensors"), STATED)


@needs_shared
def test_the_published_file_is_dinov2_at_37_by_37_positions() -> None:
    path = SHARED / "foundation" / "dinov2-s14.safetensors"
    vit = Foundation("vit_small_patch14_dinov2", str(path), Reading(side=266, norm=True, statistics="imagenet"))
    assert vit.values()["pos_embed"].shape == (1, 1 + 37 * 37, 384)
    assert [each.shape for each in vit.features(torch.rand(1, 1, 256, 256), (2, 4, 6, 8))] == [(1, 384, 19, 19)] * 4


def test_a_file_without_any_of_its_weights_is_refused(tmp_path: Path) -> None:
    """timm itself takes such a file for one of another head, and the model stays random."""
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match=r"x\.safetensors holds weights of another network"):
        Foundation(TINY, str(tmp_path / "x.safetensors"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("vit_tiny_patch99_7", "timm has no such model; close: vit_tiny"),
        ("vit_small_patch16_dinov3.nonsense", r"timm has no such model \(Invalid pretrained tag"),
        ("resnet18", r"resnet18: .*take a vit_… of timm"),
        ("swin_tiny_patch4_window7_224", "is no plain vision transformer"),
    ],
)
def test_what_is_no_vit_is_refused_before_its_weights_are_looked_for(name: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        Foundation(name, "/no/such/file")


class TestCheckBeforeTraining:
    """`check_detector`: on the driver, before any worker starts."""

    def test_random_weights_warn(self) -> None:
        warning = f"trained beside a random {TINY}: a test or a demo, no result of FDEP"
        assert check_detector("fdep-mshnet", {"foundation": TINY, "weights": "random"}) == (warning,)

    def test_weights_of_a_file_pass(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "tiny.safetensors")
        settings = {"foundation": TINY, "weights": str(path)}
        with pytest.raises(ModelError, match=r"set model\.statistics to imagenet .* or half"):
            check_detector("fdep-acm", settings)
        assert check_detector("fdep-acm", {**settings, "statistics": "half"}) == ()

    @pytest.mark.parametrize(
        ("settings", "why"),
        [
            ({"weights": "gone.safetensors"}, r"gone\.safetensors: no such file"),
            ({"weights": "random", "taps": [0, 1, 2, 6]}, "has blocks 0 to 5"),
            ({"weights": "random", "host": {"size": 3}}, r"fdep-acm: model\.host\.size: "),
            ({"weigths": "random"}, r"fdep-acm: model\.weigths: .*weights"),
        ],
    )
    def test_what_cannot_be_trained_is_one_line(self, settings: Mapping[str, object], why: str) -> None:
        with pytest.raises(IrstdError, match=why):
            check_detector("fdep-acm", {"foundation": TINY, **settings})

    def test_weights_of_another_network_are_found_out(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "tiny.safetensors")
        with pytest.raises(ModelError, match="holds weights of another network"):
            check_detector("fdep-acm", {"foundation": "test_vit2", "weights": str(path)})

    @pytest.mark.parametrize("variant", sorted(DETECTORS))
    def test_others_pass_and_draw_nothing_random(self, variant: str) -> None:
        torch.manual_seed(0)
        before = torch.random.get_rng_state()
        assert check_detector(variant, {}) == ()
        assert torch.equal(torch.random.get_rng_state(), before)


def test_a_fit_takes_its_weights_along_to_where_the_file_is_not(tmp_path: Path) -> None:
    path = saved(tmp_path / "tiny.safetensors")
    kept = Foundation(TINY, str(path), STATED).weights
    config = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2)
    job = FitJob("fdep-acm", {"foundation": TINY}, config, {})
    frames = {"train": scenes(), "val": scenes(2)}
    draw = {"model.weights": str(path)}
    packed = job.packed([draw, {"model.weights": "random"}])
    path.unlink()
    assert json.loads(run_job(packed.drawn(draw), frames, lambda row: None).files["bundle.json"])["data"] == {
        "masks": "given",
        "foundation": TINY,
        "foundation_weights": kept,
    }
    with pytest.raises(ModelError, match=r"tiny\.safetensors: no such file"):
        job.packed([draw])
