"""MLflow runs whose process was killed: nobody would ever end them."""

import platform

import psutil
from mlflow.entities import Run as MlflowRun

from irstd.tracking.store import Store

PROCESS_TAG = "irstd.process"
"""The process that a run is open in: machine, number, and when it began, since numbers come again."""


def this_process() -> str:
    """This process, for the tag."""
    return f"{platform.node()} {psutil.Process().pid} {psutil.Process().create_time():.0f}"


def close_abandoned(store: Store) -> list[str]:
    """End, as killed, the runs that are open in a process of this machine that is gone; their names.

    What other machines have open stays open: their processes cannot be seen from here.
    """
    experiments = [found.experiment_id for found in store.client.search_experiments()]
    wanted = f"attributes.status = 'RUNNING' and tags.`{PROCESS_TAG}` LIKE '{platform.node()} %'"
    left = [run for run in store.client.search_runs(experiments, wanted) if not _lives(run)]
    for run in left:
        store.client.set_terminated(run.info.run_id, "KILLED")
    return [str(run.info.run_name) for run in left]


def _lives(run: MlflowRun) -> bool:
    _, number, began = run.data.tags[PROCESS_TAG].rsplit(" ", 2)
    try:
        return abs(psutil.Process(int(number)).create_time() - float(began)) < 2.0
    except psutil.NoSuchProcess:
        return False
