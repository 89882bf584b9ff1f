"""Flow runs whose process was killed; Prefect would show them as running forever."""

from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, TaskRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed

from irstd.project.process import is_gone, this_process

_OPEN: dict[str, Any] = {"state": {"type": {"any_": [StateType.RUNNING, StateType.PENDING]}}}


def name_process(flow: Any, flow_run: FlowRun, state: State[Any]) -> None:
    """Note in a flow run, once it is running, that this process does its work; a hook of Prefect's."""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, infrastructure_pid=this_process())


def close_abandoned(client: SyncPrefectClient) -> list[str]:
    """Mark open runs of dead processes of this machine, and their tasks, as crashed; return their names.

    Runs of other machines stay open: their processes cannot be seen from here.
    """
    found = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(_OPEN))
    left = [run for run in found if is_gone(run.infrastructure_pid or "")]
    for run in left:
        of_it = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        for each in client.read_task_runs(flow_run_filter=of_it, task_run_filter=TaskRunFilter.model_validate(_OPEN)):
            client.set_task_run_state(each.id, _gone(), force=True)
        client.set_flow_run_state(run.id, _gone(), force=True)
    return [run.name for run in left]


def _gone() -> State[Any]:
    return Crashed(message="its process was killed; the next run goes on from what it had done")
