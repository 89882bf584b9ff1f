"""A running average of the weights; it is what is scored and deployed."""

import copy

import torch

from irstd.models.base import Detector


def decay_at(update: int, decay: float) -> float:
    """Return the decay of the n-th update (from 1): min(decay, (1 + n) / (10 + n)); short fits forget the start.

    The ramp is that of TensorFlow's ExponentialMovingAverage with `num_updates`.
    """
    return min(decay, (1 + update) / (10 + update))


class WeightAverage:
    """Holds `detector`, a twin whose weights and BatchNorm statistics are averages of a trained detector's.

    The statistics are averaged too: a detector's own follow its last ten batches, and copying them made validation
    swing by several points of HSE (docs/recipes.md). [ours]
    """

    def __init__(self, trained: Detector, decay: float) -> None:
        self.decay = decay
        self.detector = copy.deepcopy(trained).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, trained: Detector, update: int) -> None:
        """average ← d · average + (1 − d) · value, d = `decay_at(update)`, counts copied; `update` counts from 1."""
        share = 1.0 - decay_at(update, self.decay)
        for average, weight in zip(self.detector.parameters(), trained.parameters(), strict=True):
            average.lerp_(weight, share)
        for kept, current in zip(self.detector.buffers(), trained.buffers(), strict=True):
            if kept.is_floating_point():
                kept.lerp_(current, share)
            else:
                kept.copy_(current)
