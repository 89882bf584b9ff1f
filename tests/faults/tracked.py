"""`python -m tests.faults.tracked PROJECT`: a line for each thing in its MLflow or Prefect that no fault may leave so.

A process of its own, since MLflow's client keeps what it has opened, and the project takes the place of others.
"""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from irstd.errors import IrstdError
from irstd.promotion.champions import registry_state
from irstd.tracking.fetching import load_version
from irstd.tracking.store import open_store


def faults(project: Path) -> Iterator[str]:
    """Runs that are open, and a champion that is none or does not load."""
    store = open_store(project)
    experiments = [found.experiment_id for found in store.client.search_experiments()]
    unfinished = store.client.search_runs(experiments, "attributes.status = 'RUNNING'")
    yield from (f"MLflow run {run.info.run_name} is open" for run in unfinished)
    yield from (f"flow run {name} is {kind.lower()}" for name, kind in open_flows(project / "var/prefect/prefect.db"))
    champion = registry_state(store).champion
    if champion is None:
        yield "no champion"
        return
    try:
        load_version(store, champion)
    except IrstdError as fault:
        yield f"the champion does not load: {fault}"


def open_flows(database: Path) -> list[tuple[str, str]]:
    """Name and state of each flow run in Prefect's database that has not ended."""
    asked = "SELECT name, state_type FROM flow_run WHERE state_type IN ('RUNNING', 'PENDING')"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(asked).fetchall()


if __name__ == "__main__":
    for line in faults(Path(sys.argv[1])):
        print(f"fault: {line}")  # noqa: T201
