"""The team's stack run for real: its road, kill -9 of each service, backup and restore, three clients at once.

    python -m tests.team

PostgreSQL, an S3 server (moto), MLflow and Prefect on PostgreSQL with logins, a worker of a work pool, Ray on two
machines with a token, and `irstd serve`, all on loopback and started by deploy/service. A line a check, then `survived
N of M`. After a check that failed, those that need what it was to make fail too.
"""

import signal
import sys
import time
from collections.abc import Callable
from functools import partial

from rich.console import Console

import tests.conftest  # noqa: F401 - the environment of the tests
from tests.team.kills import database_dies_in_a_retraining, killed, next_run_goes_on
from tests.team.needs import MissingError, require_packages
from tests.team.postgres import find_programs
from tests.team.recovery import backup, everything_comes_back
from tests.team.rivals import one_of_three_wins
from tests.team.road import (
    an_account_may_read_and_no_more,
    artifacts_are_in_the_store,
    champion_is_served,
    data_reaches_another_checkout,
    retraining_uses_both_machines,
    services_start,
    strangers_are_refused,
)
from tests.team.services import NAMES
from tests.team.team import Team, team

Check = Callable[[Team], str]

CHECKS: dict[str, Check] = {
    "all services start": services_start,
    "dvc push, dvc pull elsewhere": data_reaches_another_checkout,
    "no entry without a secret": strangers_are_refused,
    "retrain on the pool, fits and scores on both machines": retraining_uses_both_machines,
    "artifacts in S3": artifacts_are_in_the_store,
    "irstd serve of the champion": champion_is_served,
    "an account may read and no more": an_account_may_read_and_no_more,
    "backup while all runs": backup,
    **{f"kill -9 {name}": partial(killed, name=name) for name in NAMES},
    "three clients promote at once": one_of_three_wins,
    "backup, wipe, restore": everything_comes_back,
    "the next run goes on": next_run_goes_on,
    "kill -9 postgres in a retraining": database_dies_in_a_retraining,
}


def main() -> int:
    """Make all checks in their order; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        require_packages()
        find_programs()
    except MissingError as fault:
        console.print(f"nothing was tried: {fault}", style="red", markup=False)
        return 1
    survived = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that services end with it
    with team() as drilled:
        for what, check in CHECKS.items():
            survived += _passes(console, what, partial(check, drilled))
    console.print(f"survived {survived} of {len(CHECKS)}", style="bold")
    return 0 if survived == len(CHECKS) else 1


def _passes(console: Console, what: str, check: Callable[[], str]) -> bool:
    start = time.monotonic()
    try:
        line, good = check(), True
    except Exception as fault:  # whatever it is, the other checks are made too
        line, good = f"{type(fault).__name__}: {fault}", False
    mark, seconds = "ok   " if good else "FAIL ", time.monotonic() - start
    console.print(f"{mark}{what} ({seconds:.0f} s): {line}", style=None if good else "red", markup=False)
    return good


if __name__ == "__main__":
    sys.exit(main())
