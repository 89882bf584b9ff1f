"""Settings, as the plain values that training and compute take."""

from typing import Any

from irstd.compute.cluster import Share
from irstd.compute.space import Interval
from irstd.datasets.prepared import DEFAULT_LABEL, PreparedDataset
from irstd.errors import lookup
from irstd.losses import LOSSES
from irstd.models.checked import checked_settings
from irstd.models.registry import check_detector, find_detector
from irstd.project.paths import Layout
from irstd.settings import Range, Resources, Settings
from irstd.training.config import FitConfig
from irstd.training.crops import takes_whole_frames
from irstd.training.jobs import FitJob, Frames, model_settings


def fit_job(settings: Settings, variant: str, resources: Resources, steps: int | None = None) -> FitJob:
    """The fit of a variant as params.yaml has it, before any search; `steps` shortens it for a trial.

    The warm-up takes at most a quarter of a fit, so that short trials have their peak too.
    """
    train = settings.train_for(variant)
    labels = settings.labels
    steps = steps or train.steps
    plain = train.model_dump(exclude={"steps", "warmup_steps", "validate_every"})
    config = FitConfig(
        **plain,
        steps=steps,
        warmup_steps=min(train.warmup_steps, steps // 4),
        validate_every=min(train.validate_every, steps),
        label=labels.response,
        seed=settings.compute.seed,
        threads=resources.cpus,
        device="cuda" if resources.gpus else "cpu",
    )
    if train.loss is not None:
        lookup(LOSSES, train.loss, "loss")
    detector = settings.detector_of(variant)
    return FitJob(
        detector=detector,
        variant=variant,
        model=model_settings(detector, labels.size, settings.variants[variant].model),
        config=config,
        data=_data(settings),
    )


def check_model(job: FitJob) -> tuple[str, ...]:
    """What a reader of the job's scores must know, once all that its model needs is known to be there.

    Raises:
        ModelError: an unknown setting, a wrong type or value, or weights of a foundation model that cannot be had; the
            message names the variant.
    """
    checked_settings(find_detector(job.detector).settings, job.model, f"variants.{job.variant}.model")
    return check_detector(job.detector, job.model)


def share(resources: Resources) -> Share:
    """What a Ray task gets."""
    return Share(cpus=resources.cpus, gpus=resources.gpus)


def search_space(settings: Settings, variant: str) -> dict[str, list[Any] | Interval]:
    """What a variant's search draws from."""
    return {
        name: Interval(space.low, space.high, space.log) if isinstance(space, Range) else list(space)
        for name, space in settings.variants[variant].search.items()
    }


def learning_frames(settings: Settings, config: FitConfig) -> Frames:
    """Read the samples of a search or a fit: train, with responses if `config` may take them, and val; never test."""
    prepared = PreparedDataset.open(Layout(settings.dataset).prepared)
    label = settings.labels.response or DEFAULT_LABEL
    return {
        "train": prepared.split("train", label if takes_whole_frames(config) else None),
        "val": prepared.split("val"),
    }


def _data(settings: Settings) -> dict[str, Any]:
    return {"dataset": settings.dataset, "size": settings.labels.size}
