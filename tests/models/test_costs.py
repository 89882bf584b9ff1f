import json

from irstd.models.costs import STORED, counted_costs


def test_the_stored_costs_are_true() -> None:
    assert json.loads(STORED.read_text()) == counted_costs(), "run python -m irstd.models.costs"
