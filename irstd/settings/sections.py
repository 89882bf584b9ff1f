"""The sections of params.yaml: frozen and typed; a name that is not known is a fault."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from irstd.errors import lookup
from irstd.recipes import own_training
from irstd.settings.faults import fault_line

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class Section(BaseModel):
    """A frozen section; an unknown name is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


class Range(Section):
    """An interval to draw from, uniformly or (log) uniformly in its logarithm."""

    low: float
    high: float
    log: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("low must be less than high, and above 0 with log: true")
        return self


Choices = Annotated[list[str | int | float | bool | None], Field(min_length=1)]
Space = Annotated[
    Annotated[Choices, Tag("choices")] | Annotated[Range, Tag("range")],
    Discriminator(lambda value: "range" if isinstance(value, dict | Range) else "choices"),
]


class Variant(Section):
    """A detector's own settings: of its model, of its training, what the search draws, and how often.

    `detector` names it where the variant has another name, so that two of a kind can stand in one table.
    """

    detector: str | None = None
    trials: Annotated[int, Field(ge=1)] | None = None
    model: dict[str, Any] = {}
    train: dict[str, Any] = {}
    search: dict[str, Space] = {}

    @model_validator(mode="after")
    def _search_names(self) -> Self:
        for name in self.search:
            if name.split(".")[0] not in ("model", "train") or name.count(".") != 1:
                raise ValueError(f"search.{name}: searched names are model.SETTING or train.SETTING")
        return self


class Labels(Section):
    """How points become a response; none named: each detector's own, and PRPS for what `prepare` writes."""

    response: Literal["prps", "gaussian"] | None = None
    size: Annotated[int, Field(ge=32, le=4096, multiple_of=4)] = 512


class Tune(Section):
    """The search: how many configurations, how long each is fitted."""

    trials: Annotated[int, Field(ge=1)] = 3
    steps: Annotated[int, Field(ge=1)] = 250
    scheduler: Literal["all", "asha"] = "all"


class Train(Section):
    """One fit; the fields are those of `irstd.training.FitConfig`."""

    steps: Annotated[int, Field(ge=1)] = 1000
    batch: Annotated[int, Field(ge=1)] = 16
    crop: Annotated[int, Field(ge=32, multiple_of=4)] | None = 128
    target_share: Share = 0.8
    paste: Share = 0.0
    jitter: Annotated[float, Field(ge=0.0)] = 0.0
    flip: bool = True
    scale: tuple[Positive, Positive] = (1.0, 1.15)
    rotate: Annotated[float, Field(ge=0.0, le=180.0)] = 0.0
    masks: Literal["given", "points"] = "given"
    loss: str | None = None
    positive_weight: Annotated[float, Field(ge=0.0)] = 0.0
    learning_rate: Positive = 0.005
    weight_decay: Annotated[float, Field(ge=0.0)] = 1e-4
    warmup_steps: Annotated[int, Field(ge=0)] = 50
    gradient_clip: Positive | None = 1.0
    ema_decay: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.99
    validate_every: Annotated[int, Field(ge=1)] = 250
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    compile: bool = False


class Evaluate(Section):
    """What the evaluation draws besides its figures."""

    overlays: Annotated[int, Field(ge=0, le=64)] = 8


class Budget(Section):
    """The most a champion may cost (parameters in millions, GMAC at 512 × 512), and which score the gate compares."""

    parameters_m: Positive = 1.0
    gmac: Positive = 8.0
    metric: Literal["hse", "pixel", "target"] = "hse"


class Gate(Section):
    """What a challenger must show on validation, beside the budget; the fields are those of `irstd.promotion.Limits`.

    `min_gain` is in points (0 to 100) of budget.metric, for the low end of the paired interval; so is `least_score`.
    """

    min_gain: Annotated[float, Field(ge=0.0)] = 0.0
    pd_loss: Share = 0.02
    fa_rise_per_mpx: Annotated[float, Field(ge=0.0)] = 5.0
    least_score: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    least_pd: Share = 0.0
    latency_ms: Positive = 1000.0
    bundle_mb: Positive = 100.0


class Drift(Section):
    """When new frames count as others than those learned from; the rule is `irstd.drift.DriftRule`'s."""

    alpha: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.01
    distance: Share = 0.3
    scenes: Annotated[int, Field(ge=2)] = 8
    splits: Annotated[int, Field(ge=100)] = 1000
    frames: Annotated[int, Field(ge=10)] = 300


class Retrain(Section):
    """Where new frames come in, when to look for them, how late is too late, and where they go.

    `cron` is in `timezone`. A set waits until nothing in it has changed for `settle_s`. `val` and `test` are the shares
    of new scenes that go there; with both 0 the frames that scores come from never change.
    """

    inbox: Annotated[str, Field(min_length=1)] = "data/inbox"
    cron: Annotated[str, Field(pattern=r"^\S+( +\S+){4}$")] = "0 2 * * *"
    timezone: str = "UTC"
    too_late_min: Positive = 60.0
    settle_s: Annotated[float, Field(ge=0.0)] = 60.0
    val: Share = 0.0
    test: Share = 0.0
    drift: Drift = Drift()

    @model_validator(mode="after")
    def _some_to_train(self) -> Self:
        if self.val + self.test >= 1.0:
            raise ValueError("val and test must leave a share of the new frames to train")
        return self


class Resources(Section):
    """What a Ray task gets; its fit uses as many threads as CPUs."""

    cpus: Annotated[int, Field(ge=1)] = 1
    gpus: Annotated[float, Field(ge=0.0)] = 0.0

    @model_validator(mode="after")
    def _whole_above_one(self) -> Self:
        if self.gpus > 1 and self.gpus != int(self.gpus):
            raise ValueError("gpus must be a fraction of one or a whole number")
        return self


class Compute(Section):
    """The seed of every random choice, and the resources of a trial, of a fit and of a task that scores frames."""

    seed: Annotated[int, Field(ge=0)] = 7
    trial: Resources = Resources()
    fit: Resources = Resources()
    evaluate: Resources = Resources()


Detectors = dict[str, dict[str, Any]]


class Profile(Section):
    """A recipe, profiles/NAME.yaml: what labels, search and training are before params.yaml goes over them.

    `detectors` holds what single ones train with otherwise, by name or pattern (`fdep-*`).
    """

    labels: Labels = Labels()
    tune: Tune = Tune()
    train: Train = Train()
    detectors: Detectors = {}

    @model_validator(mode="after")
    def _detectors_hold(self) -> Self:
        for pattern, train in self.detectors.items():
            _merged(self.train, train, f"detectors.{pattern}")
        return self


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Settings(Section):
    """The whole of params.yaml; labels, tune and train are its profile's with its own values over them.

    `detectors` is the profile's, but for what `train` of params.yaml says itself.
    """

    dataset: Name
    profile: Name
    variants: Annotated[dict[str, Variant], Field(min_length=1)]
    references: dict[Name, str] = {}
    labels: Labels = Labels()
    tune: Tune = Tune()
    train: Train = Train()
    detectors: Detectors = {}
    evaluate: Evaluate = Evaluate()
    budget: Budget = Budget()
    gate: Gate = Gate()
    retrain: Retrain = Retrain()
    compute: Compute = Compute()

    @model_validator(mode="after")
    def _variants_hold(self) -> Self:
        for name, variant in self.variants.items():
            self.train_for(name)
            _check_searched(name, variant)
        twice = sorted(set(self.variants) & set(self.references))
        if twice:
            raise ValueError(f"references.{twice[0]}: is a variant's name as well; give the reference another")
        return self

    def detector_of(self, variant: str) -> str:
        """The name of a variant's detector: the variant's own, where that says nothing else.

        Raises:
            UnknownNameError: params.yaml does not name the variant.
        """
        return lookup(self.variants, variant, "variant in params.yaml").detector or variant

    def train_for(self, variant: str) -> Train:
        """The train section for a variant: its own values over the profile's for its detector over the section's.

        Raises:
            UnknownNameError: params.yaml does not name the variant.
        """
        recipe = own_training(self.detectors, self.detector_of(variant))
        return _merged(self.train, recipe | self.variants[variant].train, f"variants.{variant}.train")


SectionT = TypeVar("SectionT", bound=Section)


def _merged(section: SectionT, overrides: dict[str, Any], where: str) -> SectionT:
    """The section with `overrides` over it, checked as if written in it."""
    try:
        return type(section).model_validate(section.model_dump() | overrides)
    except ValidationError as faults:
        raise ValueError("; ".join(fault_line(where, fault, type(section)) for fault in faults.errors())) from faults


def _check_searched(name: str, variant: Variant) -> None:
    """A searched training setting must be one, not be fixed as well, and each value of it must be allowed."""
    for searched, space in variant.search.items():
        kind, setting = searched.split(".")
        if setting in getattr(variant, kind):
            raise ValueError(f"variants.{name}: {setting} is both fixed in {kind} and searched; keep one of them")
        if kind == "train":
            for value in [space.low, space.high] if isinstance(space, Range) else space:
                _merged(Train(), {setting: value}, f"variants.{name}.search")
