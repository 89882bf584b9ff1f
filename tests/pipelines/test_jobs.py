"""Settings as fits: what is known to be wrong, or to be told, before a cluster starts."""

from pathlib import Path
from typing import Any

import pytest

from irstd.errors import ModelError
from irstd.settings import Variant, load_settings
from pipelines.jobs import check_model, fit_job

ROOT = Path(__file__).parents[2]
TINY = {"foundation": "vit_tiny_patch16_224"}


def checked(name: str, **own: Any) -> tuple[str, ...]:
    settings = load_settings(ROOT / "params.yaml").model_copy(update={"variants": {name: Variant(**own)}})
    return check_model(fit_job(settings, name, settings.compute.trial))


def test_weights_of_a_foundation_model_are_looked_for_before_a_fit(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.safetensors: no such file; give the path"):
        checked("fdep-acm", model={**TINY, "weights": str(tmp_path / "nowhere.safetensors")})


def test_a_random_foundation_model_is_told() -> None:
    (warning,) = checked("fdep-acm", model={**TINY, "weights": "random"})
    assert "random vit_tiny_patch16_224" in warning
    assert checked("acm") == ()


def test_a_wrong_setting_names_the_variant() -> None:
    with pytest.raises(ModelError, match=r"variants\.spire\.model.*colour.*did you mean color\?"):
        checked("spire", model={"colour": "grey"})


def test_a_variant_under_another_name_is_its_detector() -> None:
    settings = load_settings(ROOT / "params.yaml")
    named = settings.model_copy(update={"variants": {"mine": Variant(detector="acm", train={"masks": "points"})}})
    job = fit_job(named, "mine", settings.compute.trial)
    assert (job.detector, job.config.masks) == ("acm", "points")
