"""Names that are made of parts."""

import pytest

from irstd.datasets.sample import Sample
from irstd.errors import SettingsError, UnknownNameError
from irstd.models.bundle import load_files
from irstd.models.cost import count_parameters
from irstd.models.fdep import FDEP
from irstd.models.registry import build, deployed_as, find_detector
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from tests.training.tiny import scenes

TINY = {"foundation": "vit_tiny_patch16_224", "weights": "random"}


def test_fdep_wraps_any_host_with_settings_of_both() -> None:
    detector = build("fdep-acm", {**TINY, "host": {"form": "fpn"}})
    assert isinstance(detector, FDEP)
    assert count_parameters(detector.deployed()) == 387_039
    assert find_detector("fdep-mshnet").loss == find_detector("mshnet").loss == "sls"
    assert deployed_as("fdep-acm", {**TINY, "host": {"form": "fpn"}}) == ("acm", {"form": "fpn"})
    assert deployed_as("spire", {"size": 64}) == ("spire", {"size": 64})


def test_fdep_round_what_is_no_host_names_the_hosts() -> None:
    with pytest.raises(UnknownNameError, match="FDEP wraps a host"):
        find_detector("fdep-spire")
    with pytest.raises(UnknownNameError, match="unknown detector 'acme': did you mean acm"):
        find_detector("fdep-acme")
    with pytest.raises(SettingsError, match=r"fdep-acm: model\.host\.size: "):
        build("fdep-acm", {**TINY, "host": {"size": 3}})


def test_a_fit_by_fdep_leaves_the_plain_hosts_bundle_with_its_teacher_named() -> None:
    samples: list[Sample] = scenes()
    config = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2)
    fitted = run_job(FitJob("fdep-acm", TINY, config, {}), {"train": samples, "val": samples}, lambda row: None)
    loaded = load_files(fitted.files)
    detector, bundle = loaded.detector, loaded.bundle
    assert (bundle.detector, dict(bundle.settings)["form"]) == ("acm", "unet")
    assert count_parameters(detector) == 397_823
    assert bundle.warnings == ("trained beside a random vit_tiny_patch16_224: a test or a demo, no result of FDEP",)
    assert bundle.data == {
        "masks": "given",
        "foundation": "vit_tiny_patch16_224",
        "foundation_weights": "random",
    }
