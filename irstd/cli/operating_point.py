"""The operating point that a user of `irstd detect` asks for, and which scores he gets."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from irstd.errors import ModelError
from irstd.labels.decode import MOST_PEAKS

if TYPE_CHECKING:
    from irstd.export import OnnxDetector
    from irstd.export.record import Exported
    from irstd.models.bundle import Bundle, LoadedDetector
    from irstd.models.operating_curve import OperatingPoint

DetectorT = TypeVar("DetectorT", "LoadedDetector", "OnnxDetector")
BundleT = TypeVar("BundleT", "Bundle", "Exported")


@dataclass(frozen=True)
class OperatingWish:
    """An operating point and a unit of scores that a user asks for, with at most one of the three numbers.

    Attributes:
        threshold: least score that is written, a probability where the bundle has a calibration and `raw` is not set.
        precision: least share of hits on validation, in (0, 1].
        false_alarms_per_frame: most false alarms a frame of validation.
        raw: write the detector's own scores, not probabilities.
    """

    threshold: float | None = None
    precision: float | None = None
    false_alarms_per_frame: float | None = None
    raw: bool = False


def operated(loaded: DetectorT, wish: OperatingWish, model: str) -> tuple[DetectorT, str]:
    """Return the detector at the operating point, and a few words on it; `model` begins the message of every error.

    Without a number its own rules stay, else all that reach the threshold are kept, 64 a frame at most.

    Raises:
        ModelError: the bundle cannot be operated there; names the reachable range.
    """
    bundle = replace(loaded.bundle, calibration=None) if wish.raw else loaded.bundle
    which = "raw scores" if bundle.calibration is None else "scores are probabilities"
    kind, told = "threshold", ""
    if wish.threshold is not None:
        bundle = _reaching(bundle, _raw_threshold(bundle, wish.threshold, model))
    elif wish.precision is None and wish.false_alarms_per_frame is None:
        kind = "operating threshold"
    else:
        point = _chosen(bundle, wish, model)
        bundle, told = _reaching(bundle, point.threshold), _told(bundle, point)
    shown = bundle.operating.threshold
    if bundle.calibration is not None:
        shown = float(bundle.calibration(shown))
    return replace(loaded, bundle=bundle), f"{kind} {shown:.4g}{told}, {which}"


def _raw_threshold(bundle: "Bundle | Exported", threshold: float, model: str) -> float:
    if bundle.calibration is None:
        return threshold
    least, most = bundle.calibration.reach
    if threshold > most:
        raise ModelError(
            f"{model}: no detection can have a probability of {threshold:g}, they lie from {least:.4g} to {most:.4g}; "
            "give a lower --threshold, or --raw for one of its own scores"
        )
    return bundle.calibration.score_of(threshold)


def _chosen(bundle: "Bundle | Exported", wish: OperatingWish, model: str) -> "OperatingPoint":
    if bundle.curve is None:
        raise ModelError(
            f"{model}: keeps no curve of operating points, as older bundles; give --threshold, or train it"
        )
    try:
        if wish.precision is not None:
            return bundle.curve.at_precision(wish.precision)
        return bundle.curve.at_false_alarms(wish.false_alarms_per_frame or 0.0)
    except ModelError as fault:
        raise ModelError(f"{model}: {fault}") from fault


def _told(bundle: "Bundle | Exported", point: "OperatingPoint") -> str:
    curve = bundle.curve
    size = "" if curve is None else f" of {curve.pixels / curve.frames / 1e6:.2g} Mpx"
    alarms = f"{point.false_alarms_per_frame:.3g} false alarms a frame{size} ({point.false_alarms_per_mpx:.3g} a Mpx)"
    return f", on validation precision {point.precision:.3g}, {alarms}"


def _reaching(bundle: BundleT, threshold: float) -> BundleT:
    """Return the bundle with other rules: its detector reports all scores that reach `threshold`."""
    rules = replace(bundle.operating, threshold=threshold, value_range=None, most=MOST_PEAKS)
    return replace(bundle, operating=rules)
