"""Settings as fits: what is known to be wrong, or to be told, before a cluster starts."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from irstd.errors import ModelError, TrainingError
from irstd.models.registry import build
from irstd.models.spire.detector import OFFICIAL_RULES as SPIRE_RULES
from irstd.models.sshdnet.detector import OFFICIAL_RULES as SSHDNET_RULES
from irstd.settings.faults import SectionError
from irstd.settings.gate import Budget
from irstd.settings.load import load_settings
from irstd.settings.variants import Variant
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from irstd.training.profile import read_model, read_profile
from irstd.training.variant import check_model, fit_job
from tests.training.tiny import scenes

ROOT = Path(__file__).parents[2]
TINY = {"foundation": "vit_tiny_patch16_224"}


def checked(name: str, **own: Any) -> tuple[str, ...]:
    settings = replace(load_settings(ROOT / "params.yaml"), variants={name: Variant(**own)})
    return check_model(fit_job(settings, name, settings.compute.trial))


def test_weights_of_a_foundation_model_are_looked_for_before_a_fit(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.safetensors: no such file; give the path"):
        checked("fdep-acm", model={**TINY, "weights": str(tmp_path / "nowhere.safetensors")})


def test_a_random_foundation_model_is_told() -> None:
    (warning,) = checked("fdep-acm", model={**TINY, "weights": "random"})
    assert "random vit_tiny_patch16_224" in warning
    assert checked("acm") == ()


@pytest.mark.parametrize(
    ("model", "place"),
    [({"colour": "grey"}, "model.colour"), ({"color": "blue"}, "model.color"), ({"size": 33}, "model.size")],
)
def test_a_wrong_setting_names_the_variant(model: dict[str, object], place: str) -> None:
    with pytest.raises(SectionError) as caught:
        checked("points", detector="acm" if "size" not in model else "spire", model=model)
    assert list(caught.value.faults) == [f"variants.points.{place}"]


@pytest.mark.parametrize(("metric", "figure"), [("hse", "hse"), ("hse-1", "hse"), ("hse-2", "hse_2")])
def test_the_metric_of_the_budget_decides_the_fit(metric: Any, figure: str) -> None:
    settings = replace(load_settings(ROOT / "params.yaml"), budget=Budget(metric=metric))
    assert fit_job(settings, "spire", settings.compute.trial).config.decides == figure


def test_hse_2_decides_where_nothing_is_said() -> None:
    assert (Budget().figure, Budget().definition, FitConfig.decides) == ("hse_2", "hse-2", "hse")
    assert {Budget(metric=each).definition for each in ("hse", "hse-1", "pixel", "target")} == {"hse-1"}


def test_a_paper_is_followed_in_what_its_detector_reads_and_how_it_decides() -> None:
    plain = load_settings(ROOT / "params.yaml")
    for profile, name, rules in (("spire", "spire", SPIRE_RULES), ("sshdnet", "sshdnet-w32", SSHDNET_RULES)):
        _, train = read_profile(ROOT / "profiles" / f"paper-{profile}.yaml", name, {})
        model = read_model(ROOT / "profiles" / f"paper-{profile}.yaml", name)
        assert (train.gradient_clip, train.crop, train.zoom, train.operating) == (None, None, "centre", "paper")
        detectors = {f"{name}*": {"model": model, "batch": 3}}
        settings = replace(plain, detectors=detectors, variants={name: Variant(model={"size": 64})})
        job = fit_job(settings, name, plain.compute.trial)
        assert (job.model, job.config.batch) == ({"size": 64, **model}, 3)
        assert (model["color"], build(name, {"size": 64, "color": "rgb"}).rules) == ("rgb", rules)
    assert read_model(ROOT / "profiles" / "paper-sshdnet.yaml", "sshdnet-w8") == {"color": "rgb", "gain": 1.0}
    assert read_model(ROOT / "profiles" / "paper-sshdnet.yaml", "spire") == {}


def test_a_bundle_may_decide_by_its_papers_rules() -> None:
    config = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2, operating="paper")
    job, frames = FitJob("spire", {"size": 64}, config, {}), {"train": scenes(2), "val": scenes(1)}
    operating = json.loads(run_job(job, frames, lambda row: None).files["bundle.json"])["operating"]
    assert operating == {"threshold": 0.35, "value_range": 0.35, "most": 8}
    with pytest.raises(TrainingError, match=r"train\.operating: the paper of acm states no rules"):
        run_job(replace(job, detector="acm", model={}), frames, lambda row: None)


def test_a_variant_under_another_name_is_its_detector() -> None:
    settings = load_settings(ROOT / "params.yaml")
    named = replace(settings, variants={"mine": Variant(detector="acm", train={"masks": "points"})})
    job = fit_job(named, "mine", settings.compute.trial)
    assert (job.variant, job.detector, job.config.masks) == ("mine", "acm", "points")
