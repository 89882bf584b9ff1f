import json

import pytest

from irstd.models.cost import STORED, count_gmac, gmac_512
from irstd.models.costs import counted_costs
from irstd.models.registry import build


def test_the_stored_costs_are_true() -> None:
    assert json.loads(STORED.read_text()) == counted_costs(), "run python -m irstd.models.costs"


@pytest.mark.parametrize(
    ("name", "settings"),
    [("spire", {}), ("spire", {"size": 64, "color": "grey"}), ("acm", {"color": "rgb"}), ("tophat", {"kernel": 3})],
    ids=str,
)
def test_the_cost_of_a_detector_is_counted_or_stored(name: str, settings: dict[str, object]) -> None:
    detector = build(name, settings)
    assert gmac_512(name, settings, detector) == pytest.approx(count_gmac(detector, 512), abs=1e-6)
