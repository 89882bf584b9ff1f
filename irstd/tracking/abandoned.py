"""MLflow runs whose process was killed: nobody would ever end them."""

import platform

from irstd.project.process import is_gone
from irstd.tracking.store import Store

PROCESS_TAG = "irstd.project.process"
"""The mark of the process that a run is open in."""


def close_abandoned(store: Store) -> list[str]:
    """End, as killed, the runs that are open in a process of this machine that is gone; their names.

    What other machines have open stays open: their processes cannot be seen from here.
    """
    experiments = [found.experiment_id for found in store.client.search_experiments()]
    wanted = f"attributes.status = 'RUNNING' and tags.`{PROCESS_TAG}` LIKE '{platform.node()} %'"
    left = [run for run in store.client.search_runs(experiments, wanted) if is_gone(run.data.tags[PROCESS_TAG])]
    for run in left:
        store.client.set_terminated(run.info.run_id, "KILLED")
    return [str(run.info.run_name) for run in left]
