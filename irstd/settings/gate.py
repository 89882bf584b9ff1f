"""The sections `budget` and `gate`: what a challenger must show to become champion."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from irstd.settings.bounds import Bounds, NotNegative, Positive, Section, Share

DECIDES = MappingProxyType({"hse-2": "hse_2", "hse-1": "hse", "pixel": "pixel", "target": "target", "hse": "hse"})
"""The headline figure of each metric; `hse`, as older files have it, is hse-1."""


@dataclass(frozen=True)
class Budget(Section):
    """Highest cost of a champion, and the score by which search, fit and gate decide.

    Attributes:
        parameters_m: parameters in millions.
        gmac: multiply-accumulates at 512 × 512, in 1e9.
        metric: a score on validation: `hse-2`, `hse-1`, or a part of hse-1; `hse`, as older files have it, is hse-1.
    """

    parameters_m: Positive = 1.0
    gmac: Positive = 8.0
    metric: Literal["hse-2", "hse-1", "pixel", "target", "hse"] = "hse-2"

    @property
    def figure(self) -> str:
        """The id of the headline figure that decides."""
        return DECIDES[self.metric]

    @property
    def definition(self) -> str:
        """The definition that decides, `hse-1` or `hse-2`; hse-1 for its parts and its other name."""
        return "hse-2" if self.metric == "hse-2" else "hse-1"


@dataclass(frozen=True)
class Gate(Section):
    """Conditions that a challenger must meet on validation.

    Attributes:
        min_gain: points (0 to 100) of budget.metric that the low end of the paired interval of the gain must exceed.
        pd_loss: largest fall of Pd.
        fa_rise_per_mpx: largest rise of Fa, px a megapixel.
        least_score: lowest score of a champion, also of the first one, in points of budget.metric.
        least_pd: lowest Pd of a champion.
        latency_ms: longest time for a frame on the machine that promotes.
        bundle_mb: largest size of the bundle, in 1e6 bytes.
    """

    min_gain: NotNegative = 0.0
    pd_loss: Share = 0.02
    fa_rise_per_mpx: NotNegative = 5.0
    least_score: Annotated[float, Bounds(least=0, most=100)] = 0.0
    least_pd: Share = 0.0
    latency_ms: Positive = 1000.0
    bundle_mb: Positive = 100.0
