"""A fit as a Ray task, its curve streamed back while it runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

import ray

from irstd.compute.cluster import require
from irstd.compute.faults import one_line
from irstd.compute.reach import within_reach
from irstd.compute.shelves import RemoteShelf, open_keeper
from irstd.errors import ComputeError, IrstdError
from irstd.settings.compute import Resources
from irstd.training.curve import CurveRow
from irstd.training.jobs import FitJob, Fitted, Frames, OnRow, run_job

_ATTEMPTS = 3


class FitListener(Protocol):
    """Receives the progress of a fit, in the driver's process."""

    def row(self, row: CurveRow) -> None:
        """Receive a new row of the curve; if a worker is lost, rows since the last checkpoint come again."""

    def lost(self, line: str) -> None:
        """Receive the message that the worker was lost and the fit continues on another."""


def run_fit(job: FitJob, frames: Frames, resources: Resources, checkpoint: Path, listener: FitListener) -> Fitted:
    """Run `job` on a worker with `resources`, and return its outcome. Needs a `cluster()`.

    If the worker or its machine dies, another continues from the checkpoint.

    Args:
        job: the fit.
        frames: samples of train and val.
        resources: resources of the fit.
        checkpoint: file, on this machine, for the state of the fit.
        listener: receives the progress.

    Raises:
        ComputeError: the cluster lacks the resources, or workers died again and again.
        IrstdError: an error of the fit itself.
    """
    require(resources, "compute.fit")
    kept = replace(job.packed(), checkpoint=RemoteShelf(open_keeper(checkpoint.parent), checkpoint.name))
    data = ray.put(within_reach(frames))
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _attempt(kept, data, resources, listener.row)
        except ray.exceptions.RayTaskError as fault:
            if isinstance(fault.cause, IrstdError):
                raise fault.cause from None
            raise ComputeError(f"the fit of {job.name} failed: {one_line(fault)}") from fault
        except ray.exceptions.RayError as fault:
            loss = f"the fit of {job.name} was lost: {one_line(fault)}"
            if attempt == _ATTEMPTS:
                raise ComputeError(loss) from fault
            listener.lost(f"{loss}; attempt {attempt + 1} of {_ATTEMPTS} continues from its checkpoint")
    raise AssertionError


def _attempt(job: FitJob, data: Any, resources: Resources, on_row: OnRow) -> Fitted:
    """Run one task. Ray does not retry it, since a continued fit yields fewer rows than the lost one."""
    options: Any = {"num_cpus": resources.cpus, "num_gpus": resources.gpus}
    task: Any = ray.remote(**options, num_returns="streaming", max_retries=0)(_stream)
    for reference in task.remote(job, data):
        event = ray.get(reference)
        if isinstance(event, Fitted):
            return event
        on_row(event)
    raise ComputeError(f"the fit of {job.name} ended without a bundle")


def _stream(job: FitJob, frames: Frames) -> Iterator[CurveRow | Fitted]:
    """Yield the rows of a fit as they come, then its outcome; the fit runs in a thread."""
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
