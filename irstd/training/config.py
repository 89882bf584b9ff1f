"""The settings of one fit."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from irstd.settings.bounds import Bounds, Count
from irstd.settings.faults import SectionError
from irstd.settings.train import Train


@dataclass(frozen=True)
class FitConfig(Train):
    """All that decides a fit, except its frames and the detector's first weights: `Train`, and where and how it runs.

    Attributes:
        seed: of frames, windows, poses and of anything random in the network.
        label: name in `irstd.labels.response.RESPONSES`, for detectors whose target is `response`; None: their own.
        threads: of torch on the CPU; bytes depend on it.
        device: `cpu` or `cuda`.
        row_every: steps between two rows of the curve.
        decides: the figure of validation by which weights are kept.
    """

    seed: Annotated[int, Bounds(least=0, most=2**63 - 1)] = 0
    label: str | None = None
    threads: Annotated[int, Bounds(least=1, most=1024)] = 1
    device: Literal["cpu", "cuda"] = "cpu"
    row_every: Count = 25
    decides: str = "hse"

    def __post_init__(self) -> None:
        """Raise `SectionError` for values that no fit can run with; places begin with `train`."""
        try:
            super().__post_init__()
        except SectionError as found:
            raise found.within("train") from None

    def _relations(self) -> dict[str, bool | str]:
        return {
            **super()._relations(),
            "warmup_steps": self.warmup_steps < self.steps or f"must be below steps ({self.steps})",
            "precision": self.precision != "fp16" or self.device == "cuda" or "fp16 needs a GPU; choose another",
        }

    @classmethod
    def of(cls, train: Train, steps: int | None = None, **run: Any) -> "FitConfig":
        """Return the settings of a fit of `train`; `steps` replaces its number of steps, as in a trial.

        The warm-up takes at most a quarter of the steps, so that short fits reach their peak rate too.
        """
        steps = steps or train.steps
        fitted = {
            "steps": steps,
            "warmup_steps": min(train.warmup_steps, steps // 4),
            "validate_every": min(train.validate_every, steps),
        }
        return cls(**{**vars(train), **fitted, **run})
