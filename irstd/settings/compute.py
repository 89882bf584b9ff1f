"""The section `compute`: the seed, and the resources of each kind of Ray task."""

from dataclasses import dataclass, field
from typing import Annotated

from irstd.settings.bounds import Bounds, Count, NotNegative, Section


@dataclass(frozen=True)
class Resources(Section):
    """Resources of a Ray task.

    Attributes:
        cpus: whole CPUs; a fit uses as many threads.
        gpus: GPUs, whole ones or a fraction of one.
    """

    cpus: Count = 1
    gpus: NotNegative = 0.0

    def _relations(self) -> dict[str, bool | str]:
        whole = self.gpus <= 1 or float(self.gpus).is_integer()
        return {"gpus": whole or f"must be a fraction of one or a whole number, not {self.gpus:g}"}


@dataclass(frozen=True)
class Compute(Section):
    """The seed of every random choice, and the resources of Ray's tasks.

    Attributes:
        seed: seed of every random choice.
        trial: resources of a trial of a search.
        fit: resources of a fit.
        evaluate: resources of a task that scores frames.
    """

    seed: Annotated[int, Bounds(least=0, most=2**63 - 1)] = 7
    trial: Resources = field(default_factory=Resources)
    fit: Resources = field(default_factory=Resources)
    evaluate: Resources = field(default_factory=Resources)
