"""The table of model variants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from irstd.errors import lookup
from irstd.models.base import Detector
from irstd.models.checked import checked_settings
from irstd.models.spire import Spire, SpireSettings
from irstd.models.tophat import TopHat, TopHatSettings


@dataclass(frozen=True)
class Variant:
    """One model that can be named in the settings.

    Attributes:
        name: its name.
        build: a new detector from its settings.
        settings: the frozen dataclass of its settings.
        loss: the name of its paper's loss; None: it is not trained.
        paper: where it comes from.
    """

    name: str
    build: Callable[[Any], Detector]
    settings: type[Any]
    loss: str | None
    paper: str


VARIANTS: Mapping[str, Variant] = {
    "spire": Variant("spire", Spire, SpireSettings, "weighted_mse", Spire.paper),
    "tophat": Variant("tophat", TopHat, TopHatSettings, None, TopHat.paper),
}


def build(variant: str, settings: Mapping[str, object]) -> Detector:
    """A new detector; settings that are not named keep their defaults.

    Raises:
        UnknownNameError: no such variant.
        ModelError: an unknown setting, one of a wrong type, or one out of range.
    """
    entry = lookup(VARIANTS, variant, "variant")
    return entry.build(checked_settings(entry.settings, settings, f"model {variant}"))
