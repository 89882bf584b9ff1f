"""Fits on frames over 8 bit."""

import json
from dataclasses import replace
from typing import Any

import pytest

from irstd.datasets.sample import Sample
from irstd.evaluation.ceiling import ceiling
from irstd.frames import Frame, map_deep
from irstd.models.bundle import load_files
from irstd.models.registry import build
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from irstd.training.jobs import FitJob, run_job
from tests.frames.skies import faint_sky

CONFIG = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2)


def sample(frame: Frame, seed: int = 0) -> Sample:
    sky = faint_sky(seed)
    return Sample("sky", frame, sky.points, sky.mask)


def record_of(detector: str, model: dict[str, Any], frame: Frame) -> tuple[dict[str, Any], Any]:
    samples = [sample(frame)]
    fitted = run_job(FitJob(detector, model, CONFIG, {}), {"train": samples, "val": samples}, lambda row: None)
    return json.loads(fitted.files["bundle.json"]), load_files(fitted.files)


def test_a_tophat_of_a_deep_set_finds_in_new_deep_frames_what_it_finds_in_8_bit_twins() -> None:
    for frames in ("deep", "twin"):
        record, loaded = record_of("tophat", {"half_snr": 10.0}, getattr(faint_sky(), frames))
        new = faint_sky(seed=1)
        found = loaded(getattr(new, frames))
        assert new.found(found.points) == 36
        assert len(found) <= 37
        assert record["input"]["deep"] == "local"  # as its own rule says, whatever it was fitted on


@pytest.mark.parametrize("detector", ["spire", "fdep-acm"])
def test_a_detector_of_8_bit_frames_has_the_bundle_it_had(detector: str) -> None:
    model = {"foundation": "vit_tiny_patch16_224", "weights": "random"} if detector == "fdep-acm" else {"size": 64}
    assert "deep" not in record_of(detector, model, faint_sky().twin)[0]["input"]
    assert record_of(detector, model, faint_sky().deep)[0]["input"]["deep"] == "local"


def test_crops_and_pseudo_masks_are_those_of_the_levels() -> None:
    detector = build("acm", {})
    detector.input = replace(detector.input, deep="local")
    config = replace(CONFIG, masks="points")
    deep = faint_sky().deep
    ours, mapped = (Crops(detector, [sample(frame)], config).batch(0) for frame in (deep, map_deep(deep)))
    assert ours.images.equal(mapped.images)
    assert ours.labels.equal(mapped.labels)


def test_the_ceiling_of_deep_frames_is_about_that_of_their_twins() -> None:
    sky = faint_sky()
    deep, twin = (ceiling([sample(frame)]).compute().hse for frame in (sky.deep, sky.twin))
    assert deep is not None
    assert twin is not None
    assert abs(deep - twin) < 5.0
