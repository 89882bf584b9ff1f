"""torch's AdamW without torch's compiler."""

from inspect import unwrap
from typing import Any

import torch


class PlainAdamW(torch.optim.AdamW):
    """AdamW whose methods are torch's own, without the decorators that keep them out of a compiled graph.

    They import torch's compiler, which costs every fit 2 s of CPU. No fit compiles its optimizer.
    """

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters."""
        unwrap(torch.optim.AdamW.add_param_group)(self, param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients, or set them to 0."""
        unwrap(torch.optim.AdamW.zero_grad)(self, set_to_none)

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take a step."""
        return unwrap(torch.optim.AdamW.step)(self, closure)
