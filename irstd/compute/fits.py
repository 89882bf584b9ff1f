"""A fit as a Ray task, its curve streamed back while it runs."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any

import ray

from irstd.compute.cluster import Share, require
from irstd.errors import ComputeError, IrstdError
from irstd.training import CurveRow, FitJob, Fitted, Frames, OnRow, run_job


def run_fit(job: FitJob, frames: Frames, share: Share, on_row: OnRow) -> Fitted:
    """The outcome of `job` on a worker with `share` of its machine; `on_row` hears the curve. Needs a `cluster()`.

    A worker that dies is replaced; the fit goes on from its checkpoint where that is still there.

    Raises:
        ComputeError: the resources are not there, or the worker died for good.
        IrstdError: what the fit itself raised.
    """
    require(share, "compute.fit")
    options: Any = {"num_cpus": share.cpus, "num_gpus": share.gpus, "num_returns": "streaming", "max_retries": 2}
    task: Any = ray.remote(**options)(_stream)
    try:
        for reference in task.remote(job, ray.put(frames)):
            event = ray.get(reference)
            if isinstance(event, Fitted):
                return event
            on_row(event)
    except ray.exceptions.RayTaskError as fault:
        if isinstance(fault.cause, IrstdError):
            raise fault.cause from None
        raise ComputeError(f"the fit of {job.variant} failed: {fault.cause}") from fault
    except ray.exceptions.RayError as fault:
        raise ComputeError(f"the fit of {job.variant} was lost: {str(fault).splitlines()[0]}") from fault
    raise ComputeError(f"the fit of {job.variant} ended without a bundle")


def _stream(job: FitJob, frames: Frames) -> Iterator[CurveRow | Fitted]:
    """The rows of a fit as they come, then its outcome: the fit runs in a thread and hands them over."""
    events: SimpleQueue[Any] = SimpleQueue()

    def work() -> None:
        try:
            events.put(run_job(job, frames, events.put))
        except Exception as fault:  # carried to the task's own thread, which raises it
            events.put(fault)

    Thread(target=work, daemon=True).start()
    while True:
        event = events.get()
        if isinstance(event, Exception):
            raise event
        yield event
        if isinstance(event, Fitted):
            return
