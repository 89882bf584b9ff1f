import pytest
import torch

from irstd.export.folding import folded
from irstd.export.writing import PARITY
from irstd.models.table import DETECTORS
from tests.export.build import loaded


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"sshdnet-w16", "sshdnet-w32"}))
def test_folding_changes_no_output(name: str) -> None:
    detector = loaded(name).detector
    images = torch.rand(2, detector.input.channels, 64, 96, generator=torch.Generator().manual_seed(0))
    before = {key: tensor.clone() for key, tensor in detector.state_dict().items()}
    with torch.inference_mode():
        torch.testing.assert_close(folded(detector)(images), detector(images), atol=PARITY, rtol=1e-4)
    assert all(torch.equal(tensor, before[key]) for key, tensor in detector.state_dict().items())


@pytest.mark.parametrize("name", ["spire", "spire-plus", "mshnet"])
def test_no_batch_norm_is_left(name: str) -> None:
    assert not [each for each in folded(loaded(name).detector).modules() if isinstance(each, torch.nn.BatchNorm2d)]
