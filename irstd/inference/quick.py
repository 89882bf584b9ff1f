"""A loaded detector made fast, and sparing of memory, for inference."""

from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from irstd.frames import Frame, to_8bit
from irstd.frames.strips import map_deep_in_strips
from irstd.models.base import InputRule
from irstd.models.bundle import LoadedDetector
from irstd.models.folding import folded


def quick(loaded: LoadedDetector) -> LoadedDetector:
    """Return a detector with the same detections, but for rounding, in less time and memory.

    BatchNorm is folded and weights are laid out channels last (benchmarks/detect_speed.py). Batches of several frames,
    and convolutions fused with their ReLU, gained nothing more.
    """
    twin = folded(loaded.detector).to(memory_format=torch.channels_last)
    twin.input = _InStrips(**asdict(twin.input))
    return replace(loaded, detector=twin)


@dataclass(frozen=True)
class _InStrips(InputRule):
    """The same rule, large frames in strips."""

    def eight_bit(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the frame in 8 bit, same shape."""
        return map_deep_in_strips(frame) if self.deep == "local" else to_8bit(frame)
