from pathlib import Path

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import save_file

from irstd.errors import ModelError
from irstd.models.fdep import Foundation

TINY = "vit_tiny_patch16_224"


@pytest.fixture(scope="module")
def tiny() -> Foundation:
    torch.manual_seed(0)
    return Foundation(TINY, "random")


def test_features_are_maps_at_the_patch_grid_without_tokens(tiny: Foundation) -> None:
    found = tiny.features(torch.rand(2, 1, 48, 80), (2, 5, 8, 11))
    assert [each.shape for each in found] == [(2, 192, 3, 5)] * 4
    assert not any(each.requires_grad for each in found)


def test_features_can_be_learned_from(tiny: Foundation) -> None:
    conv = torch.nn.Conv2d(192, 1, 1)
    torch.autograd.backward(conv(tiny.features(torch.rand(1, 1, 16, 16), (3,))[0]).sum())
    assert conv.weight.grad is not None


def test_grey_is_the_same_as_three_equal_channels(tiny: Foundation) -> None:
    grey = torch.rand(1, 1, 32, 32)
    assert torch.equal(tiny.features(grey, (11,))[0], tiny.features(grey.repeat(1, 3, 1, 1), (11,))[0])


def test_sides_that_are_no_multiple_of_the_patch_are_enlarged(tiny: Foundation) -> None:
    assert tiny.features(torch.rand(1, 1, 33, 16), (0,))[0].shape == (1, 192, 3, 1)


def test_taps_are_spread_evenly_to_the_last_block(tiny: Foundation) -> None:
    assert tiny.even_taps(4) == (2, 5, 8, 11)
    assert tiny.even_taps(5) == (1, 3, 6, 8, 11)


@pytest.mark.parametrize("name", ["vit_small_patch16_dinov3.lvd1689m", "vit_small_patch14_dinov2.lvd142m"])
def test_the_models_of_the_paper_are_there(name: str) -> None:
    found = Foundation(name, "random").features(torch.rand(1, 1, 32, 48), (5, 11))
    assert [each.shape[1] for each in found] == [384, 384]


def test_weights_of_a_file_are_what_it_computes_with(tiny: Foundation, tmp_path: Path) -> None:
    save_file(tiny.values(), tmp_path / "tiny.safetensors")
    torch.manual_seed(1)
    loaded = Foundation(TINY, str(tmp_path / "tiny.safetensors"))
    images = torch.rand(1, 1, 32, 32)
    assert torch.equal(loaded.features(images, (11,))[0], tiny.features(images, (11,))[0])
    assert len(loaded.weights) == 64
    assert tiny.weights == "random"


def test_absent_and_foreign_weights_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"gone\.safetensors: no such file; give the path"):
        Foundation(TINY, str(tmp_path / "gone.safetensors"))
    with pytest.raises(ModelError, match=r"must be hub, random or a \.safetensors file; convert it first"):
        Foundation(TINY, str(tmp_path / "vit.pth"))
    (tmp_path / "other.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match=r"its weights cannot be had from .*other\.safetensors .*fetch them once"):
        Foundation(TINY, str(tmp_path / "other.safetensors"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"its weights cannot be had from hub .*fetch them once where there is"):
        Foundation("vit_small_patch16_dinov3.lvd1689m")


def test_what_is_no_vit_is_refused() -> None:
    with pytest.raises(ModelError, match="timm has no such model; close: vit_tiny"):
        Foundation("vit_tiny_patch99_7", "random")
    with pytest.raises(ModelError, match=r"resnet18: .*take a vit_… of timm"):
        Foundation("resnet18", "random")
