import pytest
import torch

from irstd.models.fdep import Foundation
from irstd.models.fdep.foundation import Reading

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


@pytest.mark.parametrize(
    ("side", "size", "tokens"),
    [
        (None, (256, 256), (19, 19)),
        (266, (256, 256), (19, 19)),
        (518, (256, 256), (37, 37)),
        (280, (200, 400), (10, 20)),
    ],
)
def test_it_reads_at_its_own_side(side: int | None, size: tuple[int, int], tokens: tuple[int, int]) -> None:
    vit = Foundation("vit_small_patch14_dinov2", "random", Reading(side=side))
    assert vit.features(torch.rand(1, 1, *size), (0,))[0].shape[2:] == tokens


def test_the_final_norm_is_a_setting(tiny: Foundation) -> None:
    torch.manual_seed(0)
    normed, images = Foundation(TINY, "random", Reading(norm=True)), torch.rand(1, 1, 32, 32)
    raw = tiny.features(images, (3,))[0]
    expected = torch.nn.functional.layer_norm(raw.permute(0, 2, 3, 1), (192,), eps=1e-6).permute(0, 3, 1, 2)
    torch.testing.assert_close(normed.features(images, (3,))[0], expected)


def test_the_statistics_of_its_images_are_a_setting() -> None:
    found = []
    for statistics, mean, std in (("imagenet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), ("half", 0.5, 0.5)):
        torch.manual_seed(0)  # the same model and the same images after it
        read = Foundation(TINY, "random", Reading(statistics=statistics))  # type: ignore[arg-type]  # one of the two
        images = torch.rand(1, 3, 16, 16) * torch.tensor(std).view(-1, 1, 1) + torch.tensor(mean).view(-1, 1, 1)
        found.append(read.features(images.float(), (3,))[0])
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=1e-3)


def test_taps_are_spread_evenly_to_the_last_block(tiny: Foundation) -> None:
    assert tiny.even_taps(4) == (2, 5, 8, 11)
    assert tiny.even_taps(5) == (1, 3, 6, 8, 11)


def test_the_compiler_leaves_it_alone(tiny: Foundation) -> None:
    images = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        plain = tiny.features(images, (3, 11))
        compiled = torch.compile(lambda given: tiny.features(given, (3, 11)), backend="eager")(images)
    assert all(torch.equal(one, other) for one, other in zip(plain, compiled, strict=True))


@pytest.mark.parametrize("name", ["vit_small_patch16_dinov3.lvd1689m", "vit_small_patch14_dinov2.lvd142m"])
def test_the_models_of_the_paper_are_there(name: str) -> None:
    found = Foundation(name, "random").features(torch.rand(1, 1, 32, 48), (5, 11))
    assert [each.shape[1] for each in found] == [384, 384]
