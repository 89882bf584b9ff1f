"""The fit of a variant of params.yaml."""

from irstd.datasets.prepared import DEFAULT_LABEL, PreparedDataset
from irstd.errors import lookup
from irstd.losses import LOSSES
from irstd.models.folder import bundle_hash
from irstd.models.pretrained import find_bundle
from irstd.models.registry import check_detector, find_detector
from irstd.project.paths import Layout
from irstd.settings.checked import checked_settings
from irstd.settings.compute import Resources
from irstd.settings.project import Settings
from irstd.training.config import FitConfig
from irstd.training.crops import takes_whole_frames
from irstd.training.jobs import FitJob, Frames, model_settings
from irstd.training.start import load_start


def fit_job(settings: Settings, variant: str, resources: Resources, steps: int | None = None) -> FitJob:
    """Return the fit of a variant before any search; `steps` shortens it to a trial.

    Raises:
        UnknownNameError: there is no such variant, detector or loss.
        SectionError: the detector has no such setting, or the value is not allowed; names `variants.NAME.model`.
    """
    train, labels, detector = settings.train_for(variant), settings.labels, settings.detector_of(variant)
    if train.loss is not None:
        lookup(LOSSES, train.loss, "loss")
    config = FitConfig.of(
        train,
        steps,
        label=labels.response,
        seed=settings.compute.seed,
        decides=settings.budget.figure,
        threads=resources.cpus,
        device="cuda" if resources.gpus else "cpu",
    )
    model = model_settings(detector, labels.size, settings.model_for(variant))
    checked_settings(find_detector(detector).settings, model, f"variants.{variant}.model")
    data = {"dataset": settings.dataset, "size": labels.size}
    if config.start is not None and find_detector(detector).loss is not None:
        data["start"] = bundle_hash(find_bundle(config.start))  # so that another start is another job
    return FitJob(detector=detector, variant=variant, model=model, config=config, data=data)


def check_model(job: FitJob) -> tuple[str, ...]:
    """Return what a reader of the job's scores must know, once all that its model needs is there.

    Raises:
        SectionError: a setting of the model is not allowed; names `variants.NAME.model`.
        ModelError: weights of a foundation model cannot be downloaded, or `train.start` does not fit.
    """
    entry = find_detector(job.detector)
    checked_settings(entry.settings, job.model, f"variants.{job.variant}.model")
    if job.config.start is not None and entry.loss is not None:
        load_start(job.config.start, job.files, job.detector, job.model)
    return check_detector(job.detector, job.model)


def learning_frames(settings: Settings, config: FitConfig) -> Frames:
    """Return the samples of train, with responses if `config` can use them, and of val; none is read yet."""
    prepared = PreparedDataset.open(Layout(settings.dataset).prepared)
    label = settings.labels.response or DEFAULT_LABEL
    return {
        "train": prepared.split("train", label if takes_whole_frames(config) else None),
        "val": prepared.split("val"),
    }
