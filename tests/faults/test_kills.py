"""One of the kills of `make faults`, which tries them all."""

import pytest

from tests.faults.cases import Case
from tests.faults.kills import Road, try_case
from tests.road.walked import copy_walked

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    folder = tmp_path_factory.mktemp("kills")
    return Road.before_promotion(folder, copy_walked(tmp_path_factory, folder / "project"))


@pytest.mark.parametrize("case", [Case("promote", "write")], ids=str)
def test_the_next_run_goes_on(case: Case, road: Road) -> None:
    assert try_case(case, road).broken == []
