"""The operating curve: hits and detections on validation at each threshold, kept in a bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from irstd.errors import ModelError

MOST_POINTS = 200
_MOST_STORED, _MOST_COUNT = 1000, 1 << 53
_LISTS = ("thresholds", "hits", "found")


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold and what it gave on validation.

    Attributes:
        threshold: least score of a detection, not calibrated.
        precision: share of the detections that are hits, within 5 px.
        pd: share of the true targets that are hit; None without a target.
        false_alarms_per_frame: false alarms a frame of validation.
        false_alarms_per_mpx: false alarms a megapixel.
    """

    threshold: float
    precision: float
    pd: float | None
    false_alarms_per_frame: float
    false_alarms_per_mpx: float


@dataclass(frozen=True)
class OperatingCurve:
    """Hits and detections of validation at falling thresholds.

    Attributes:
        frames, pixels, targets: of validation.
        thresholds: scores of detections, not calibrated, strictly falling in (0, 1].
        hits, found: targets hit within 5 px and detections at each threshold.
    """

    frames: int
    pixels: int
    targets: int
    thresholds: tuple[float, ...]
    hits: tuple[int, ...]
    found: tuple[int, ...]

    @property
    def points(self) -> list[OperatingPoint]:
        """The operating points, by falling threshold."""
        return [
            OperatingPoint(
                threshold,
                hits / found,
                hits / self.targets if self.targets else None,
                (found - hits) / self.frames,
                (found - hits) * 1e6 / self.pixels,
            )
            for threshold, hits, found in zip(self.thresholds, self.hits, self.found, strict=True)
        ]

    def at_precision(self, least: float) -> OperatingPoint:
        """Return the lowest threshold with a precision of `least` or more on validation.

        Raises:
            ModelError: there is none; names the reachable range.
        """
        shares = [point.precision for point in self.points]
        return self._lowest([share >= least for share in shares], f"a precision of {least:g}", shares)

    def at_false_alarms(self, most_per_frame: float) -> OperatingPoint:
        """Return the lowest threshold down to which there are at most so many false alarms a frame on validation.

        Raises:
            ModelError: there is none; names the reachable range.
        """
        rates = [point.false_alarms_per_frame for point in self.points]
        allowed = [rate <= most_per_frame for rate in rates]
        first = allowed.index(False) if False in allowed else len(allowed)
        allowed[first:] = [False] * (len(allowed) - first)
        return self._lowest(allowed, f"{most_per_frame:g} false alarms a frame", rates)

    def _lowest(self, allowed: Sequence[bool], asked: str, values: Sequence[float]) -> OperatingPoint:
        if not values:
            raise ModelError(f"{asked}: the model found nothing on validation, so it has no operating points; train it")
        if not any(allowed):
            raise ModelError(
                f"{asked}: not reached on validation, where thresholds from {self.thresholds[0]:.4g} to "
                f"{self.thresholds[-1]:.4g} give {min(values):.4g} to {max(values):.4g}; ask for one of these"
            )
        return self.points[max(place for place, fine in enumerate(allowed) if fine)]

    def record(self) -> dict[str, object]:
        """Return plain values as bundle.json has them."""
        lists = {name: list(getattr(self, name)) for name in _LISTS}
        return {"frames": self.frames, "pixels": self.pixels, "targets": self.targets, **lists}


def read_curve(record: object) -> OperatingCurve:
    """Return the curve of a stranger's plain values.

    Raises:
        ModelError: they are no such curve.
    """
    names = ("frames", "pixels", "targets", *_LISTS)
    if not isinstance(record, Mapping) or set(record) != set(names):
        raise ModelError(f"curve: must hold {', '.join(names)} and nothing else")
    wrong = next((name for name in names if not _is_fine(name, record[name])), None)
    if wrong is not None:
        raise ModelError(f"curve: {wrong} is of a wrong type, length or range")
    thresholds, hits, found = (tuple(record[name]) for name in _LISTS)
    counts = zip(hits, found, strict=False)
    falling = all(later < earlier for earlier, later in pairwise(thresholds))
    if len({len(thresholds), len(hits), len(found)}) > 1 or not falling:
        raise ModelError("curve: thresholds must fall, with hits and found at each")
    if not all(hit <= many and hit <= record["targets"] and many for hit, many in counts):
        raise ModelError("curve: hits exceed the targets or the detections found")
    return OperatingCurve(record["frames"], record["pixels"], record["targets"], thresholds, hits, found)


def _is_fine(name: str, value: object) -> bool:
    if name not in _LISTS:
        return _is_count(value, 0 if name == "targets" else 1)
    if not isinstance(value, list) or len(value) > _MOST_STORED:
        return False
    if name == "thresholds":
        return all(type(each) in (int, float) and 0 < each <= 1 for each in value)
    return all(_is_count(each, 0) for each in value)


def _is_count(value: object, least: int) -> bool:
    return type(value) is int and least <= value <= _MOST_COUNT
