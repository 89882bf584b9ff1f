"""Parameters to the unit, and multiply-adds to the last published digit (docs/methods.md)."""

from typing import Any

import pytest
from torch import nn

from irstd.models.cost import count_gmac, count_parameters
from irstd.models.hosts import Host, HostSettings
from irstd.models.hosts.acm import ACM, AcmSettings, FpnDecoder, ResidualEncoder
from irstd.models.hosts.alcnet import ALCNet
from irstd.models.hosts.dnanet import DNANet
from irstd.models.hosts.mshnet import MSHNet
from irstd.models.registry import build

GREY = HostSettings()


def parts(host: Host) -> tuple[Any, Any]:
    return host.encoder, host.decoder


def counts(*parts: nn.Module) -> list[int]:
    return [sum(weight.numel() for weight in part.parameters()) for part in parts]


@pytest.mark.parametrize(
    ("variant", "settings", "parameters", "gmac"),
    [
        ("acm", {}, 397_823, 0.343),
        ("acm", {"color": "rgb"}, 397_971, 0.346),
        ("acm", {"form": "fpn"}, 387_039, 0.274),
        ("acm", {"form": "fpn", "color": "rgb"}, 387_187, 0.276),
        ("alcnet", {}, 426_961, 0.295),
        ("alcnet", {"color": "rgb"}, 427_109, 0.297),
        ("dnanet", {}, 4_696_568, 13.909),
        ("dnanet", {"color": "rgb"}, 4_696_888, 13.930),
        ("mshnet", {}, 4_065_481, 5.999),
        ("mshnet", {"color": "rgb"}, 4_065_513, 6.002),
    ],
)
def test_a_whole_host(variant: str, settings: dict[str, object], parameters: int, gmac: float) -> None:
    detector = build(variant, settings)
    assert count_parameters(detector) == parameters
    assert round(count_gmac(detector, 256), 3) == gmac


def test_acm_by_parts() -> None:
    encoder, decoder = parts(ACM(AcmSettings()))
    assert counts(encoder.stem, encoder.stage1, encoder.stage2, encoder.stage3) == [1_866, 14_016, 51_648, 205_696]
    assert counts(decoder.up2, decoder.up1, decoder.asym2, decoder.asym1) == [32_800, 8_208, 10_576, 2_728]
    assert counts(decoder.blocks2, decoder.blocks1, decoder.head) == [55_680, 14_016, 589]


def test_the_fpn_form_with_three_blocks() -> None:
    assert sum(counts(Host(ResidualEncoder(3, blocks=3), FpnDecoder()))) == 289_971


def test_alcnet_by_parts() -> None:
    encoder, decoder = parts(ALCNet(GREY))
    assert counts(encoder.stem, encoder.stage1, encoder.stage2, encoder.stage3) == [1_866, 18_688, 70_208, 279_680]
    assert counts(decoder.up2, decoder.up1, decoder.up0, decoder.head) == [32_800, 8_208, 2_056, 151]
    assert counts(decoder.asym2, decoder.asym1) == [10_576, 2_728]


def test_dnanet_by_parts() -> None:
    encoder, decoder = parts(DNANet(GREY))
    inner, outer = encoder.nest.nodes, decoder.nest.nodes
    column = [encoder.first, *(inner[f"x{row}0"] for row in range(1, 5))]
    assert counts(*column) == [2_738, 33_700, 133_252, 530_500, 2_117_572]
    assert counts(outer["x31"], outer["x04"], decoder.fuse) == [1_022_020, 17_938, 15_378]
    assert counts(decoder.head, *decoder.side_heads) == [17] * 4


def test_mshnet_by_parts() -> None:
    encoder, decoder = parts(MSHNet(GREY))
    assert counts(encoder.widen, *encoder.stages) == [32, 4_834, 33_700, 133_252, 530_500, 2_117_572]
    assert counts(*decoder.stages) == [10_258, 59_300, 235_652, 940_100]
    assert counts(decoder.heads, decoder.fuse) == [244, 37]
