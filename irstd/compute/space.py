"""The configurations of a search, drawn up front."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from irstd.settings.search import Range, Space, Value


@dataclass(frozen=True)
class Trial:
    """One configuration of a search: its index in the order of drawing, and its values by name."""

    index: int
    draw: Mapping[str, Value]


def draw_trials(space: Mapping[str, Space], trials: int, seed: int) -> list[Trial]:
    """Return at most `trials` different configurations, the same for the same arguments.

    The first is empty, the variant's own settings, so that a search never ends below them on validation. A space of
    choices with no more configurations than are left is taken whole. Ours.
    """
    generator = np.random.default_rng(seed)
    names = sorted(space)
    drawn: list[dict[str, Value]] = [{}]
    finite = [choices for name in names if not isinstance(choices := space[name], Range)]
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


def _draw_one(space: Space, generator: np.random.Generator) -> Value:
    """Draw one value; one of a range has three significant digits."""
    if not isinstance(space, Range):
        return space[int(generator.integers(len(space)))]
    if space.log:
        value = math.exp(generator.uniform(math.log(space.low), math.log(space.high)))
    else:
        value = generator.uniform(space.low, space.high)
    return float(f"{value:.3g}")
