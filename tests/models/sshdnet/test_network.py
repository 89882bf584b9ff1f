"""SSHD-Net's network."""

import pytest
import torch
from torch import nn

from irstd.models.cost import count_gmac, count_parameters
from irstd.models.registry import build
from irstd.models.sshdnet.network import SSHDNetwork
from irstd.models.sshdnet.odconv import ODConv


@pytest.fixture(scope="module")
def narrow() -> SSHDNetwork:
    torch.manual_seed(0)
    return SSHDNetwork(8).eval()


@pytest.mark.parametrize(
    ("variant", "parameters", "gmac"),
    [("sshdnet-w32", 28_735_256, 10.28), ("sshdnet-w16", 7_530_920, 3.68), ("sshdnet-w8", 2_186_480, 1.98)],
)
def test_cost_at_width_32_is_the_papers(variant: str, parameters: int, gmac: float) -> None:
    detector = build(variant, {})
    assert count_parameters(detector) == parameters
    assert round(count_gmac(detector, 256), 2) == gmac


def test_each_stage_has_the_sizes_of_its_branches(narrow: SSHDNetwork) -> None:
    seen: dict[str, list[tuple[int, ...]]] = {}

    def note(name: str) -> None:
        def hook(_: nn.Module, __: object, found: tuple[torch.Tensor, ...]) -> None:
            seen[name] = [tuple(each.shape[1:]) for each in found]

        handles.append(narrow.get_submodule(name).register_forward_hook(hook))

    handles: list[torch.utils.hooks.RemovableHandle] = []
    for name in ("stage2", "stage3", "hmrm", "dcfm"):
        note(name)
    narrow(torch.rand(1, 3, 64, 96))
    for handle in handles:
        handle.remove()
    sizes = [(8, 16, 24), (16, 8, 12), (32, 4, 6), (64, 2, 3)]
    assert seen == {"stage2": sizes[:2], "stage3": sizes[:3], "hmrm": sizes, "dcfm": sizes[:1]}


def test_before_training_a_branch_keeps_most_of_what_came_into_a_stage() -> None:
    torch.manual_seed(0)
    stages = SSHDNetwork(8).train().hmrm
    came = tuple(torch.rand(2, 8 << level, 16 >> level, 24 >> level) for level in range(4))
    with torch.no_grad():
        left = stages(came)
    for before, after in zip(came, left, strict=True):
        assert torch.corrcoef(torch.stack((before.flatten(), after.flatten())))[0, 1] > 0.5  # 0.0 at full strength


def test_the_strength_of_branches_before_training_is_a_setting() -> None:
    for model, gain in (({}, 0.1), ({"gain": 1.0}, 1.0)):
        modules = build("sshdnet-w8", model).named_modules()
        norms = [each for name, each in modules if ".branches." in name and name.endswith("second.norm")]
        assert norms
        assert all(bool((norm.weight == gain).all()) for norm in norms)


def test_where_kernels_are_dynamic(narrow: SSHDNetwork) -> None:
    found = [name for name, each in narrow.named_modules() if isinstance(each, ODConv)]
    assert found[:3] == [f"widen.3.{part}.conv" for part in ("reduce", "spatial", "expand")]
    # Two in each branch's first block, with three branches at the end of stage 3 and four at the end of stage 4.
    assert [name.split(".stage.")[0] for name in found[3:]] == ["stage3.3"] * 6 + ["dcfm"] * 8


def test_a_frames_output_does_not_depend_on_the_others(narrow: SSHDNetwork) -> None:
    images = torch.rand(3, 3, 64, 64)
    with torch.no_grad():
        apart = torch.cat([narrow(image[None]) for image in images])
        torch.testing.assert_close(narrow(images), apart)
        torch.testing.assert_close(narrow(images.to(memory_format=torch.channels_last)), apart)
