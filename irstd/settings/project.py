"""The whole of params.yaml, and the profile under it."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from irstd.errors import lookup
from irstd.settings.bounds import Bounds, Name, RowName, Section
from irstd.settings.compute import Compute
from irstd.settings.faults import SectionError
from irstd.settings.gate import Budget, Gate
from irstd.settings.labels import Labels
from irstd.settings.retrain import Retrain
from irstd.settings.search import Tune
from irstd.settings.train import Train
from irstd.settings.variants import Detectors, Variant, own_model, own_training, with_overrides


@dataclass(frozen=True)
class Evaluate(Section):
    """Settings of an evaluation beyond its scores.

    Attributes:
        overlays: frames that are drawn for the report and for MLflow.
    """

    overlays: Annotated[int, Bounds(least=0, most=64)] = 8


@dataclass(frozen=True)
class Profile(Section):
    """A recipe, profiles/NAME.yaml: labels, search and training before params.yaml goes over them."""

    labels: Labels = field(default_factory=Labels)
    tune: Tune = field(default_factory=Tune)
    train: Train = field(default_factory=Train)
    detectors: Detectors = field(default_factory=dict)

    def _relations(self) -> dict[str, bool | str]:
        training = {f"detectors.{pattern}": own_training({"*": own}, "") for pattern, own in self.detectors.items()}
        models = {f"detectors.{pattern}.model": own.get("model", {}) for pattern, own in self.detectors.items()}
        wrong = {place: "must be a mapping of settings" for place, own in models.items() if not isinstance(own, dict)}
        return _faults(self.train, training) | wrong


@dataclass(frozen=True)
class Settings(Section):
    """All settings of a project.

    Attributes:
        dataset: a folder of data/raw.
        profile: a file of profiles, without its ending.
        variants: the rows of the table, by name.
        references: folders of bundles that are scored beside the variants and never promoted, by name.
        labels, tune, train: the profile's, with those of params.yaml over them.
        detectors: training settings of single detectors by name or pattern, under `model` those of the detector itself;
            only in a profile; what `train` of params.yaml says itself counts more.
        evaluate, budget, gate, retrain, compute: sections of params.yaml alone.
    """

    dataset: Name
    profile: Name
    variants: dict[RowName, Variant]
    references: dict[RowName, str] = field(default_factory=dict)
    labels: Labels = field(default_factory=Labels)
    tune: Tune = field(default_factory=Tune)
    train: Train = field(default_factory=Train)
    detectors: Detectors = field(default_factory=dict)
    evaluate: Evaluate = field(default_factory=Evaluate)
    budget: Budget = field(default_factory=Budget)
    gate: Gate = field(default_factory=Gate)
    retrain: Retrain = field(default_factory=Retrain)
    compute: Compute = field(default_factory=Compute)

    def _relations(self) -> dict[str, bool | str]:
        twice = self.variants.keys() & self.references
        return {
            "variants": bool(self.variants) or "name at least one variant",
            **{f"references.{name}": "is a variant's name as well; give the reference another" for name in twice},
            **_faults(self.train, {f"variants.{name}.train": self._own_training(name) for name in self.variants}),
        }

    def detector_of(self, variant: str) -> str:
        """Return the name of a variant's detector.

        Raises:
            UnknownNameError: params.yaml does not name the variant.
        """
        return lookup(self.variants, variant, "variant in params.yaml").detector or variant

    def train_for(self, variant: str) -> Train:
        """Return a variant's training settings: its own over the profile's for its detector over `train`.

        Raises:
            UnknownNameError: params.yaml does not name the variant.
        """
        return with_overrides(self.train, self._own_training(variant), f"variants.{variant}.train")

    def model_for(self, variant: str) -> dict[str, Any]:
        """Return a variant's settings of its detector: its own over the profile's.

        Raises:
            UnknownNameError: params.yaml does not name the variant.
        """
        return own_model(self.detectors, self.detector_of(variant)) | self.variants[variant].model

    def _own_training(self, variant: str) -> dict[str, Any]:
        return own_training(self.detectors, self.detector_of(variant)) | self.variants[variant].train


def _faults(train: Train, overrides: dict[str, dict[str, Any]]) -> dict[str, bool | str]:
    """Return the faults of overrides over `train`, by their places."""
    faults = dict[str, bool | str]()
    for place, own in overrides.items():
        try:
            with_overrides(train, own, place)
        except SectionError as found:
            faults |= found.faults
    return faults
