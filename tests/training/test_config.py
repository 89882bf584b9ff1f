from dataclasses import asdict
from typing import Any

import pytest

from irstd.settings.faults import SectionError
from irstd.settings.train import Train
from irstd.training.config import FitConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", 0),
        ("batch", 0),
        ("threads", 0),
        ("validate_every", 0),
        ("seed", -1),
        ("crop", 0),
        ("crop", 33),
        ("target_share", 1.5),
        ("paste", -0.1),
        ("paste", 1.1),
        ("paste", float("nan")),
        ("scale", (1.2, 1.0)),
        ("scale", (0.0, 1.0)),
        ("rotate", 181.0),
        ("zoom", "centre"),
        ("operating", "mine"),
        ("positive_weight", -1.0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("warmup_steps", 1000),
        ("gradient_clip", 0.0),
        ("ema_decay", 1.0),
        ("precision", "fp8"),
        ("device", "tpu"),
        ("precision", "fp16"),
    ],
)
def test_a_wrong_value_is_named(field: str, value: object) -> None:
    changed: dict[str, Any] = {**asdict(FitConfig()), field: value}
    with pytest.raises(SectionError) as caught:
        FitConfig(**changed)
    assert f"train.{field}" in caught.value.faults
    assert set(caught.value.faults) <= {f"train.{field}", "train.warmup_steps"}


def test_a_short_fit_has_a_short_warm_up_and_a_validation() -> None:
    config = FitConfig.of(Train(steps=1000, warmup_steps=50, validate_every=250), 40, threads=2)
    assert (config.steps, config.warmup_steps, config.validate_every, config.threads) == (40, 10, 40, 2)
