import pytest
import torch
from torch import Tensor, nn

from irstd.models.base import Detector, InputRule
from irstd.models.folding import folded
from irstd.models.mask import MaskDetector
from irstd.models.registry import build


def trained(detector: nn.Module) -> None:
    """Give every BatchNorm statistics and weights of its own."""
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.running_mean, module.bias.data):
                assert value is not None
                nn.init.normal_(value, std=0.3)
            for value in (module.running_var, module.weight.data):
                assert value is not None
                nn.init.uniform_(value, 0.5, 1.5)


@pytest.mark.parametrize("name", ["spire", "spire-plus", "sshdnet-w8", "acm", "mshnet", "tophat"])
def test_the_output_is_the_same_and_batchnorms_are_gone(name: str) -> None:
    torch.manual_seed(0)
    detector = build(name, {}).eval()
    trained(detector)
    twin = folded(detector)
    images = torch.rand(2, detector.input.channels, 64, 96)
    with torch.inference_mode():
        raw = detector(images)
        assert torch.allclose(twin(images), raw, rtol=1e-4, atol=1e-4 * float(raw.abs().max()))
    if name in {"spire", "mshnet"}:  # one of spire-plus reads a sum
        assert not any(isinstance(module, nn.BatchNorm2d) for module in twin.modules())
    assert sum(isinstance(module, nn.BatchNorm2d) for module in detector.modules()) > 0 or name == "tophat"


class Shared(Detector):
    """A detector whose BatchNorm reads a convolution that the sum reads too."""

    stride, target, trained = 1, "mask", True

    def __init__(self) -> None:
        super().__init__(InputRule(channels=1, size=None))
        self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)

    def forward(self, images: Tensor) -> Tensor:
        features = self.conv(images)
        return torch.as_tensor(features + self.norm(features))

    detections = response = MaskDetector.detections  # type: ignore[assignment]


def test_a_convolution_that_others_read_too_is_left_alone() -> None:
    torch.manual_seed(0)
    detector = Shared().eval()
    trained(detector)
    images = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        assert torch.equal(folded(detector)(images), detector(images))
