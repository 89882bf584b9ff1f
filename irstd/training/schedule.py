"""The learning rate as a pure function of the step."""

import math


def rate_factor(step: int, steps: int, warmup_steps: int) -> float:
    """The share of the peak learning rate at `step` (from 0): in (0, 1].

    A linear rise, whose last step reaches 1, then half a cosine towards 0 (Loshchilov & Hutter, ICLR 2017, without
    restarts). SPIRE reduces on a plateau of its test score instead; the cosine needs no score [ours].
    """
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return 0.5 * (1.0 + math.cos(math.pi * (step - warmup_steps) / (steps - warmup_steps)))
