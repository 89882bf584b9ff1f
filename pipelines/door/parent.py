"""A stage's flow as a subflow of the flow whose DVC started its process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from prefect import get_client
from prefect.context import FlowRunContext
from prefect.results import ResultStore
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

_PARENT = "IRSTD_FLOW_RUN"


def parent_environment() -> dict[str, str]:
    """Return the variables that make flows of a child process subflows of the flow run here; none outside one."""
    return {_PARENT: str(flow_run.id)} if flow_run.id else {}


@contextmanager
def below_parent() -> Iterator[None]:
    """Make the flows that begin inside subflows of the run that the environment names, if it names one."""
    parent = os.environ.get(_PARENT)
    if not parent:
        yield
        return
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(parent))
        # Detached: the run is another process's, so that names of its subflows cannot be counted here.
        context = FlowRunContext(
            flow_run=run, client=client, task_runner=ThreadPoolTaskRunner(), result_store=ResultStore(), detached=True
        )
        with context:
            yield
