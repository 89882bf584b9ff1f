"""Statistics of a dataset: counts, and sizes and contrasts of its targets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.facts import FrameFacts
from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX, by_class, class_names

_DIGITS = 6


@dataclass(frozen=True)
class Spread:
    """Distribution of a figure over all targets, rounded to 6 digits.

    Attributes:
        min, median, mean, max: of the finite values; None without any.
        classes: number of targets in each class of the score hse-1.
    """

    min: float | None
    median: float | None
    mean: float | None
    max: float | None
    classes: Mapping[str, int]


@dataclass(frozen=True)
class SplitStatistics:
    """Statistics of one split.

    Attributes:
        frames, targets, frames_without_target: counts.
        area_px: areas of the masks' components.
        contrast_sigma: local contrast of the components, without masks of the points, in standard deviations of the
            surroundings.
    """

    frames: int
    targets: int
    frames_without_target: int
    area_px: Spread
    contrast_sigma: Spread


@dataclass(frozen=True)
class Statistics:
    """Statistics of a dataset.

    Attributes:
        splits: statistics by split.
        sizes: number of frames by height×width px.
        channels: number of frames by channels.
        bits: number of frames by depth.
        train_grey: mean and standard deviation of train's 8-bit grey levels, in [0, 1]; None without train.
    """

    splits: Mapping[str, SplitStatistics]
    sizes: Mapping[str, int]
    channels: Mapping[str, int]
    bits: Mapping[str, int]
    train_grey: Mapping[str, float] | None


def statistics_of(seen: Mapping[str, FrameFacts], members: Mapping[str, Sequence[str]]) -> Statistics:
    """Return the statistics of the frames `seen`; `members` has those of each split. Unreadable ones have no size."""
    images = [facts.image for facts in seen.values() if facts.image is not None]
    sizes = Counter(image.size for image in images)
    of_split = {split: [seen[name] for name in names] for split, names in members.items()}
    return Statistics(
        splits={split: _split_statistics(frames) for split, frames in of_split.items()},
        sizes={f"{high}×{wide}": number for (high, wide), number in sorted(sizes.items())},
        channels=_counts([image.channels for image in images]),
        bits=_counts([image.bits for image in images]),
        train_grey=_moments([facts.image.levels for facts in of_split["train"] if facts.image is not None]),
    )


def target_areas(frames: Sequence[FrameFacts]) -> NDArray[np.float64]:
    """Return the areas of all targets with a mask, float64 (n,) px."""
    return _joined([facts.mask.areas for facts in frames if facts.mask is not None])


def target_contrasts(frames: Sequence[FrameFacts]) -> NDArray[np.float64]:
    """Return the contrasts of all targets, float64 (n,); inf on flat surroundings, NaN without surroundings."""
    return _joined([facts.contrasts for facts in frames])


def _split_statistics(frames: Sequence[FrameFacts]) -> SplitStatistics:
    return SplitStatistics(
        frames=len(frames),
        targets=sum(len(facts.points) for facts in frames),
        frames_without_target=sum(len(facts.points) == 0 for facts in frames),
        area_px=_spread(target_areas(frames), SIZE_LIMITS_PX, "px"),
        contrast_sigma=_spread(target_contrasts(frames), CONTRAST_LIMITS, "sigma"),
    )


def _spread(values: NDArray[np.float64], limits: tuple[float, ...], unit: str) -> Spread:
    finite = values[np.isfinite(values)]
    low, middle, mean, high = (
        round(float(each(finite)), _DIGITS) if len(finite) else None for each in (np.min, np.median, np.mean, np.max)
    )
    classes = dict(zip(class_names(limits, unit), by_class(values, limits).tolist(), strict=True))
    return Spread(min=low, median=middle, mean=mean, max=high, classes=classes)


def _moments(histograms: Sequence[NDArray[np.int64]]) -> dict[str, float] | None:
    if not histograms:
        return None
    weights, levels = np.sum(histograms, axis=0), np.arange(256) / 255.0
    mean = float(np.average(levels, weights=weights))
    deviation = float(np.sqrt(np.average((levels - mean) ** 2, weights=weights)))
    return {"mean": round(mean, _DIGITS), "std": round(deviation, _DIGITS)}


def _counts(values: Sequence[int]) -> dict[str, int]:
    return {str(value): number for value, number in sorted(Counter(values).items())}


def _joined(parts: Sequence[NDArray[np.float64] | NDArray[np.int64]]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *parts])
