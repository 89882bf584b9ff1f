"""The configurations of a search, drawn up front."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Interval:
    """Values between `low` and `high`, uniform or uniform in the logarithm; drawn with three significant digits."""

    low: float
    high: float
    log: bool = False

    def draw(self, generator: np.random.Generator) -> float:
        """Draw one value."""
        if self.log:
            value = math.exp(generator.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = generator.uniform(self.low, self.high)
        return float(f"{value:.3g}")


@dataclass(frozen=True)
class Trial:
    """One configuration of a search: its index and its values by name."""

    index: int
    draw: Mapping[str, Value]


def draw_trials(space: Mapping[str, Sequence[Value] | Interval], trials: int, seed: int) -> list[Trial]:
    """Draw at most `trials` different configurations; the same arguments give the same ones.

    The first is empty, the variant's own settings, so that a search never ends below them on validation. A space of
    choices with no more configurations than are left is taken whole. Ours.
    """
    generator = np.random.default_rng(seed)
    names = sorted(space)
    drawn: list[dict[str, Value]] = [{}]
    finite = [choices for name in names if not isinstance(choices := space[name], Interval)]
    if names and len(finite) == len(names) and math.prod(map(len, finite)) < trials:
        drawn += [dict(zip(names, values, strict=True)) for values in product(*finite)]
    elif names:
        for _ in range(100 * trials):  # a small space may repeat itself
            if len(drawn) == trials:
                break
            values = {name: _draw_one(space[name], generator) for name in names}
            if values not in drawn:
                drawn.append(values)
    return [Trial(index, values) for index, values in enumerate(drawn)]


def _draw_one(choices: Sequence[Value] | Interval, generator: np.random.Generator) -> Value:
    return choices.draw(generator) if isinstance(choices, Interval) else choices[int(generator.integers(len(choices)))]
