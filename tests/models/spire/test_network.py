"""SPIRE's network against the authors' own."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from irstd.errors import ModelError
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.spire import Spire, SpireSettings
from irstd.models.spire.blocks import RegressionBlock, interleave
from irstd.models.spire.official import load_official, renamed
from tests.shared import SHARED, needs_shared

WEIGHTS = SHARED / "spire-official" / "SPIRE-SIRST4-512.safetensors"


@pytest.fixture
def spire() -> Spire:
    torch.manual_seed(0)
    return Spire(SpireSettings())


def test_cost_is_the_papers(spire: Spire) -> None:
    assert count_parameters(spire) == 294_753
    assert [round(count_gmac(spire, size), 2) for size in (256, 512, 640)] == [1.21, 4.84, 7.56]


def test_counting_leaves_the_detector_as_it_was(spire: Spire) -> None:
    spire.train()
    count_gmac(spire, 64)
    assert spire.training
    assert {weight.device.type for weight in spire.parameters()} == {"cpu"}


def test_interleave_is_the_shuffle_of_the_union() -> None:
    first, second = torch.arange(3.0).view(1, 3, 1, 1), torch.arange(3.0, 6.0).view(1, 3, 1, 1)
    assert interleave(first, second).flatten().tolist() == [0, 3, 1, 4, 2, 5]
    many = torch.rand(2, 8, 5, 7)
    assert torch.equal(interleave(*many.chunk(2, dim=1)), torch.nn.functional.channel_shuffle(many, 2))


def test_norms_have_the_papers_momentum(spire: Spire) -> None:
    norms = [module for module in spire.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert {norm.momentum for norm in norms} == {0.1}


def test_the_doubling_before_the_last_relu() -> None:
    block = RegressionBlock(32).eval()
    features = torch.rand(1, 32, 4, 4)
    with torch.no_grad():
        inner = block.unit(block.la_occw(block.occw(features)))
        assert torch.equal(block(features), torch.relu(inner + inner))


def test_constants_of_the_input_are_no_weights(spire: Spire) -> None:
    assert not [key for key in spire.state_dict() if "mean" in key.split(".")[-1:] or key.endswith(".std")]


@needs_shared
def test_the_authors_weights_give_the_authors_output() -> None:
    golden = np.load(SHARED / "spire-official" / "network_golden.npz", allow_pickle=False)
    detector = load_official(WEIGHTS)
    # Their input is already normalised; ours normalises for itself.
    stem = detector.network.stem
    images = torch.from_numpy(golden["input"]) * stem.std + stem.mean
    with torch.inference_mode():
        output = detector(images).numpy()
    assert output.shape == golden["output"].shape == (2, 1, 32, 40)
    np.testing.assert_allclose(output, golden["output"], rtol=0, atol=1e-6)


@needs_shared
def test_the_key_map_is_one_to_one(spire: Spire) -> None:
    stored = load_file(WEIGHTS)
    assert len(renamed(stored)) == len(stored)
    assert renamed(stored).keys() == spire.state_dict().keys()


@needs_shared
def test_weights_that_are_not_theirs_are_refused(tmp_path: Path) -> None:
    stored = load_file(WEIGHTS)
    path = tmp_path / "weights.safetensors"
    first = stored.pop("conv1.weight")
    save_file(stored | {"conv9.weight": torch.ones(1)}, path)
    with pytest.raises(ModelError, match=r"lacks network\.stem\.0\.conv\.weight and has unknown conv9\.weight"):
        load_official(path)
    save_file(stored | {"conv1.weight": first, "final_layer.weight": torch.ones(2, 32, 1, 1)}, path)
    message = r"network\.head\.weight is float32 \(2, 32, 1, 1\), expected float32 \(1, 32, 1, 1\)"
    with pytest.raises(ModelError, match=message):
        load_official(path)


def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no safetensors file that can be read"):
        load_official(tmp_path / "missing.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(ModelError, match="no safetensors file that can be read"):
        load_official(tmp_path / "cut.safetensors")


def test_a_pickle_is_refused_with_the_way_to_a_safe_file(tmp_path: Path) -> None:
    (tmp_path / "SPIRE.pth").write_bytes(b"whatever")
    with pytest.raises(
        ModelError, match=r"a pickle, which can run any code .*torch\.load\('SPIRE\.pth'.*weights_only=True"
    ):
        load_official(tmp_path / "SPIRE.pth")
