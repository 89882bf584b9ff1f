"""Hosts in training, with masks."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from irstd.errors import SettingsError, TrainingError
from irstd.models.registry import build
from irstd.training.checkpoint import FileShelf, Shelf
from irstd.training.config import FitConfig
from irstd.training.curve import CurveRow
from irstd.training.device import seeded
from irstd.training.fit import FitResult, fit
from tests.training.tiny import scenes


def run(variant: str, config: FitConfig, checkpoint: Shelf | None = None) -> FitResult:
    with seeded(config.seed, config.threads):
        return fit(build(variant, {}), scenes(), config, checkpoint=checkpoint)


def config(steps: int, **values: object) -> FitConfig:
    given = {"batch": 4, "crop": 32, "warmup_steps": 1, "row_every": steps // 2, "validate_every": steps}
    return FitConfig(steps=steps, **{**given, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_acm_learns_tiny_scenes(precision: str) -> None:
    rows = run("acm", config(80, precision=precision, learning_rate=0.03)).rows
    assert rows[-1].loss < 0.9 * rows[0].loss


def test_mshnet_can_be_stopped_within_its_warm_up(tmp_path: Path) -> None:
    # Of 160 steps the first two are warm-up; the fit is stopped before the second, and goes on within it.
    short = config(160, batch=2, validate_every=1)
    told: list[int] = []

    def stop(row: CurveRow) -> None:
        told.append(row.step)
        if row.step == 2:
            raise KeyboardInterrupt

    for _ in range(2):
        with seeded(0, 1), pytest.raises(KeyboardInterrupt):
            fit(build("mshnet", {}), scenes(), short, on_row=stop, checkpoint=FileShelf(tmp_path / "fit"))
    assert told == [1, 2, 2]


def test_a_crop_that_a_host_cannot_take_is_named() -> None:
    with pytest.raises(SettingsError, match=r"train\.crop: must be a multiple of 16 px for this detector, not 40"):
        run("acm", config(2, crop=40))


def test_a_batch_of_one_is_named() -> None:
    with pytest.raises(TrainingError, match=r"at least 2 images in training, got 1; raise train\.batch"):
        run("acm", config(2, batch=1))


def test_same_seed_same_bytes() -> None:
    torch.manual_seed(1)
    first = run("alcnet", config(4))
    torch.manual_seed(2)
    assert save(first.weights) == save(run("alcnet", config(4)).weights)
