"""Flow runs whose process was killed: Prefect would show them at work for ever."""

from typing import Any

from prefect import tags
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, TaskRunFilter
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed

from irstd.project.process import is_gone, this_process

_OPEN: dict[str, Any] = {"state": {"type": {"any_": [StateType.RUNNING, StateType.PENDING]}}}


def tag_runs() -> Any:
    """A context in which every flow run is tagged with this process."""
    return tags(this_process())


def close_abandoned(client: SyncPrefectClient) -> list[str]:
    """Have the runs that are open in a process of this machine that is gone, and their tasks, count as crashed.

    Their names. Those that other machines have open stay so: their processes cannot be seen from here.
    """
    found = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(_OPEN))
    left = [run for run in found if any(is_gone(tag) for tag in run.tags)]
    for run in left:
        of_it = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        for each in client.read_task_runs(flow_run_filter=of_it, task_run_filter=TaskRunFilter.model_validate(_OPEN)):
            client.set_task_run_state(each.id, _gone(), force=True)
        client.set_flow_run_state(run.id, _gone(), force=True)
    return [run.name for run in left]


def _gone() -> State[Any]:
    return Crashed(message="its process was killed; the next run goes on from what it had done")
