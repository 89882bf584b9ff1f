"""Fits that start from a bundle."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save_file

from irstd.errors import ModelError, TrainingError
from irstd.files import write_folder
from irstd.models.folder import bundle_hash
from irstd.settings.load import load_settings
from irstd.settings.variants import Variant
from irstd.training.checkpoint import FileShelf
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from irstd.training.variant import check_model, fit_job
from tests.training.tiny import scenes

MODEL = {"size": 64, "color": "grey"}
FRAMES = {"train": scenes(), "val": scenes(2)}
CONFIG = FitConfig(steps=2, batch=2, crop=32, warmup_steps=1, validate_every=2, learning_rate=1e-9, ema_decay=0.0)
ROOT = Path(__file__).parents[2]


def fitted(job: FitJob) -> Mapping[str, bytes]:
    return run_job(job, FRAMES, lambda row: None).files


def record(files: Mapping[str, bytes]) -> dict[str, Any]:
    return dict(json.loads(files["bundle.json"]))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundles") / "start"
    write_folder(folder, fitted(FitJob("spire", MODEL, replace(CONFIG, seed=5, learning_rate=1e-3), {})))
    return folder


def test_the_fit_begins_with_the_bundles_weights_and_names_it(start: Path) -> None:
    files = fitted(FitJob("spire", MODEL, replace(CONFIG, start=str(start)), {}))
    assert record(files)["data"]["start"] == bundle_hash(start)
    before, after = load((start / "weights.safetensors").read_bytes()), load(files["weights.safetensors"])
    learned = [name for name, tensor in before.items() if tensor.is_floating_point() and "running" not in name]
    for name in learned:
        torch.testing.assert_close(after[name], before[name], atol=1e-6, rtol=0)
    assert "start" not in record(fitted(FitJob("spire", MODEL, CONFIG, {})))["data"]


def test_the_bundle_travels_with_the_job(start: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    write_folder(moved, {path.name: path.read_bytes() for path in start.iterdir()})
    job = FitJob("spire", MODEL, replace(CONFIG, start=str(moved)), {})
    wanted, packed = fitted(job), job.packed()
    for path in moved.iterdir():
        path.unlink()
    assert fitted(packed) == wanted
    with pytest.raises(ModelError, match="moved"):
        fitted(job)


@pytest.mark.parametrize(
    ("detector", "model", "told"),
    [("spire", {**MODEL, "size": 32}, r"size 64 \(this fit: 32\)"), ("acm", {}, r"detector spire \(this fit: acm\)")],
)
def test_another_detector_is_refused_with_the_difference(
    start: Path, detector: str, model: dict[str, Any], told: str
) -> None:
    with pytest.raises(ModelError, match=told):
        fitted(FitJob(detector, model, replace(CONFIG, start=str(start)), {}))


def test_a_checkpoint_is_of_its_start(start: Path, tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "fit.safetensors")
    plain = FitJob("spire", MODEL, CONFIG, {}, shelf)
    fitted(plain)
    fitted(plain)  # goes on from its own
    with pytest.raises(TrainingError, match="start None"):
        fitted(replace(plain, config=replace(CONFIG, start=str(start))))


def test_a_checkpoint_from_before_there_was_a_start_goes_on(tmp_path: Path) -> None:
    shelf = FileShelf(tmp_path / "fit.safetensors")
    job = FitJob("spire", MODEL, CONFIG, {}, shelf)
    wanted = fitted(job)
    tensors = load(shelf.path.read_bytes())
    with safe_open(shelf.path, "pt") as stored:
        header = json.loads(stored.metadata()["irstd"])
    assert header["origin"].pop("start", None) is None
    save_file(tensors, shelf.path, {"irstd": json.dumps(header)})
    assert fitted(job) == wanted


def test_a_filter_starts_from_nothing() -> None:
    assert "start" not in record(fitted(FitJob("tophat", {}, replace(CONFIG, start="nowhere"), {})))["data"]


def test_a_variant_is_checked_before_a_cluster_starts(start: Path) -> None:
    settings = load_settings(ROOT / "params.yaml")
    own = Variant(model=MODEL, train={"start": str(start)})
    job = fit_job(replace(settings, variants={"spire": own}), "spire", settings.compute.fit)
    assert job.data["start"] == bundle_hash(start)
    assert check_model(job) == ()
    other = replace(job, model={**MODEL, "color": "rgb"})
    with pytest.raises(ModelError, match=r"color grey \(this fit: rgb\)"):
        check_model(other)
