"""The section `variants`: the rows of the table, each a detector with settings of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any

from irstd.settings.bounds import Bounds, Section
from irstd.settings.checked import checked_settings
from irstd.settings.faults import SectionError
from irstd.settings.search import Space, bounds_of, read_space
from irstd.settings.train import Train

Detectors = dict[str, dict[str, Any]]
"""A profile's training settings for some detectors, by name or pattern, such as `fdep-*`; under `model` those of the
detector itself."""

_MODEL = "model"


@dataclass(frozen=True)
class Variant(Section):
    """A row of the table.

    Attributes:
        detector: name in the registry; None: the variant's own name, so a detector can have several rows.
        trials: configurations of its search; None: those of `tune`.
        model: settings of the detector.
        train: training settings over those of `train`.
        search: what the search draws each setting from, by `model.SETTING` or `train.SETTING`.
    """

    detector: str | None = None
    trials: Annotated[int, Bounds(least=1, most=10_000)] | None = None
    model: dict[str, Any] = field(default_factory=dict)
    train: dict[str, Any] = field(default_factory=dict)
    search: dict[str, Any] = field(default_factory=dict)

    def _relations(self) -> dict[str, bool | str]:
        return {place: fault for name in self.search for place, fault in self._search_faults(name).items()}

    def spaces(self) -> dict[str, Space]:
        """Return what the search draws each setting from."""
        return {name: read_space(given, f"search.{name}") for name, given in self.search.items()}

    def _search_faults(self, name: str) -> dict[str, str]:
        place = f"search.{name}"
        kind, _, setting = name.partition(".")
        if kind not in ("model", "train") or not setting or "." in setting:
            return {place: "searched names are model.SETTING or train.SETTING"}
        if setting in getattr(self, kind):
            return {place: f"is fixed in {kind} as well; keep one of them"}
        try:
            space = read_space(self.search[name], place)
            if kind == "train":
                for value in bounds_of(space):
                    with_overrides(Train(), {setting: value}, "search.train")
        except SectionError as found:
            return found.faults
        return {}


def with_overrides(train: Train, overrides: Mapping[str, Any], where: str) -> Train:
    """Return the training settings with `overrides` over them.

    Raises:
        SectionError: an override is no setting, or not allowed; places begin with `where`.
    """
    given = {**vars(train), **overrides}
    return checked_settings(Train, given, where)


def own_training(detectors: Mapping[str, Mapping[str, Any]], detector: str) -> dict[str, Any]:
    """Return a profile's training settings for a detector; of the patterns that fit, later ones count."""
    return {name: value for own in _fitting(detectors, detector) for name, value in own.items() if name != _MODEL}


def own_model(detectors: Mapping[str, Mapping[str, Any]], detector: str) -> dict[str, Any]:
    """Return a profile's settings of the detector itself; of the patterns that fit, later ones count."""
    return {name: value for own in _fitting(detectors, detector) for name, value in own.get(_MODEL, {}).items()}


def _fitting(detectors: Mapping[str, Mapping[str, Any]], detector: str) -> list[Mapping[str, Any]]:
    return [own for pattern, own in detectors.items() if fnmatchcase(detector, pattern)]
