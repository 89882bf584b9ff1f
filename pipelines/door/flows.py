"""Prefect's flows and tasks, without its cache, with their process, and with one line for a user's mistake."""

import logging
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from prefect import Flow, flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Failed

from irstd.errors import IrstdError
from pipelines.servers.abandoned import name_process

P = ParamSpec("P")
R = TypeVar("R")


def stage(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a Prefect flow. DVC owns caching: no result is kept, and parameters need no round trip through JSON."""
    made = flow(
        name=name,
        flow_run_name=run_name or name,
        persist_result=False,
        validate_parameters=False,
        on_running=[name_process],
        on_failure=[_say_why],
    )
    return cast(Callable[[Callable[P, R]], Callable[P, R]], made)


def step(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a Prefect task without a cache; its runs have its name, where Prefect would call them `NAME-f06`."""
    made = task(name=name, task_run_name=run_name or name, cache_policy=NO_CACHE, persist_result=False)
    return cast(Callable[[Callable[P, R]], Callable[P, R]], made)


def _say_why(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Make the line of a user's mistake the state's message, which stands at the top of the run's page."""
    fault = getattr(state.data, "result", state.data)  # a record of Prefect's holds it
    if isinstance(fault, IrstdError) and state.message != str(fault):
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(flow_run.id, Failed(message=str(fault)), force=True)


class _OneLine(logging.Filter):
    """A user's mistake is logged as its message, without the traceback that Prefect adds."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, IrstdError):
            record.exc_info, record.exc_text = None, None
            record.msg, record.args = str(fault), ()
        return True


def hide_tracebacks() -> None:
    """Have Prefect log a user's mistake as its one line from here on."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, _OneLine) for each in logger.filters):
            logger.addFilter(_OneLine())
