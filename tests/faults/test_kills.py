"""One of the kills of `make faults`, which tries them all."""

import pytest

from pipelines.servers.embedded import prefect_server, ray_head
from tests.faults.cases import Case
from tests.faults.kills import Road, try_case

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    with prefect_server(), ray_head():
        return Road(tmp_path_factory.mktemp("kills"))


@pytest.mark.parametrize("case", [Case("promote", "write")], ids=str)
def test_the_next_run_goes_on(case: Case, road: Road) -> None:
    assert try_case(case, road).broken == []
