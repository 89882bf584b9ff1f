"""Every setting that a run was made with, as MLflow's parameters."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from irstd.models.registry import find_detector
from irstd.settings.checked import checked_settings
from irstd.training.jobs import FitJob

_MOST = 500  # characters of a value that older servers of MLflow take


def fit_parameters(job: FitJob) -> dict[str, str]:
    """Return every setting of a fit by the name that it has in params.yaml, defaults among them."""
    model = asdict(checked_settings(find_detector(job.detector).settings, job.model, f"variants.{job.name}.model"))
    train = dict(vars(job.config))
    own = {"seed": train.pop("seed"), "metric": train.pop("decides"), "threads": train.pop("threads")}
    data = {name: value for name, value in job.data.items() if not isinstance(value, Mapping)}  # not its frames
    return parameters({"variant": job.name, "detector": job.detector, **own, **data, "model": model, "train": train})


def parameters(sections: Mapping[str, Any]) -> dict[str, str]:
    """Return settings in one level: sections within sections are told by dots, as in `train.steps`.

    None is `null`, as in YAML; a list is one value.
    """
    found = dict[str, str]()
    for name, value in sections.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": text for inner, text in parameters(value).items()}
        else:
            found[name] = ("null" if value is None else str(value))[:_MOST]
    return found
