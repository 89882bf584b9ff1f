"""MLflow runs that a killed process left open."""

import platform

from irstd.project.process import is_gone
from irstd.tracking import PROCESS_TAG
from irstd.tracking.store import Store


def close_abandoned(store: Store) -> list[str]:
    """End the runs that a process of this machine left open when it ended, as killed; return their names.

    Runs of other machines stay open, since their processes cannot be seen from here.
    """
    experiments = [found.experiment_id for found in store.client.search_experiments()]
    wanted = f"attributes.status = 'RUNNING' and tags.`{PROCESS_TAG}` LIKE '{platform.node()} %'"
    left = [run for run in store.client.search_runs(experiments, wanted) if is_gone(run.data.tags[PROCESS_TAG])]
    for run in left:
        store.client.set_terminated(run.info.run_id, "KILLED")
    return [str(run.info.run_name) for run in left]
