"""The section `labels`: how points become a response."""

from dataclasses import dataclass
from typing import Annotated, Literal

from irstd.settings.bounds import Bounds, Section


@dataclass(frozen=True)
class Labels(Section):
    """How points become a response.

    Attributes:
        response: what is drawn round a point (docs/methods.md); None: each detector's own, and PRPS in prepared data.
        size: side in px of a network's square input.
    """

    response: Literal["prps", "gaussian"] | None = None
    size: Annotated[int, Bounds(least=32, most=4096, multiple_of=4)] = 512
