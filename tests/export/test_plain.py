import pytest
import torch

from irstd.export.plain import exportable
from irstd.export.writing import PARITY
from irstd.models.table import DETECTORS
from tests.export.build import loaded


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"sshdnet-w16", "sshdnet-w32"}))
def test_the_output_stays(name: str) -> None:
    detector = loaded(name).detector
    images = torch.rand(2, detector.input.channels, 64, 96, generator=torch.Generator().manual_seed(0))
    before = {key: tensor.clone() for key, tensor in detector.state_dict().items()}
    with torch.inference_mode():
        torch.testing.assert_close(exportable(detector)(images), detector(images), atol=PARITY, rtol=1e-4)
    assert all(torch.equal(tensor, before[key]) for key, tensor in detector.state_dict().items())
