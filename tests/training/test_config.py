from dataclasses import asdict
from typing import Any

import pytest

from irstd.errors import SettingsError
from irstd.training.config import FitConfig


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("steps", 0, "train.steps: must be at least 1, not 0"),
        ("batch", 0, "train.batch: must be at least 1, not 0"),
        ("threads", 0, "train.threads: must be at least 1, not 0"),
        ("validate_every", 0, "train.validate_every: must be at least 1, not 0"),
        ("seed", -1, "train.seed: must be 0 or more, not -1"),
        ("crop", 0, "train.crop: must be at least 1 px, or none for whole frames, not 0"),
        ("target_share", 1.5, "train.target_share: must be between 0 and 1, not 1.5"),
        ("paste", -0.1, "train.paste: must be between 0 and 1, not -0.1"),
        ("paste", 1.1, "train.paste: must be between 0 and 1, not 1.1"),
        ("paste", float("nan"), "train.paste: must be between 0 and 1, not nan"),
        ("scale", (1.2, 1.0), r"train.scale: must be \(least, most\), both above 0, not \(1.2, 1.0\)"),
        ("scale", (0.0, 1.0), "train.scale: must be"),
        ("rotate", 181.0, "train.rotate: must be between 0 and 180 degrees, not 181.0"),
        ("positive_weight", -1.0, "train.positive_weight: must be 0 or more, not -1.0"),
        ("learning_rate", 0.0, "train.learning_rate: must be above 0, not 0.0"),
        ("learning_rate", float("nan"), "train.learning_rate: must be above 0, not nan"),
        ("warmup_steps", 1000, r"train.warmup_steps: must be 0 or more and below steps \(1000\), not 1000"),
        ("gradient_clip", 0.0, "train.gradient_clip: must be above 0, or none, not 0.0"),
        ("ema_decay", 1.0, "train.ema_decay: must be 0 or more and below 1, not 1.0"),
        ("precision", "fp8", "train.precision: must be one of auto, fp32, bf16, fp16, not fp8"),
        ("device", "tpu", "train.device: must be one of cpu, cuda, not tpu"),
        ("precision", "fp16", "train.precision: fp16 needs a GPU"),
    ],
)
def test_a_wrong_value_is_named(field: str, value: object, message: str) -> None:
    changed: dict[str, Any] = {**asdict(FitConfig()), field: value}
    with pytest.raises(SettingsError, match=f"^{message}"):
        FitConfig(**changed)
