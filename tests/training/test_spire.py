"""The real network on frames it must be able to learn by heart."""

import pytest

from irstd.models.spire import Spire, SpireSettings
from irstd.training.config import FitConfig
from irstd.training.device import seeded
from irstd.training.fit import fit
from tests.training.tiny import scenes


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_spire_learns_four_frames_by_heart(precision: str) -> None:
    config = FitConfig(
        steps=80,
        batch=4,
        crop=None,
        flip=False,
        scale=(1.0, 1.0),
        warmup_steps=8,
        validate_every=80,
        row_every=8,
        precision=precision,  # type: ignore[arg-type]
    )
    with seeded(config.seed, config.threads):
        detector = Spire(SpireSettings(size=64))
        rows = fit(detector, scenes(4, 0), config).rows
    assert rows[-1].loss < 0.05 * rows[0].loss
