"""Scoring a bundle on many workers: a Ray task a few frames, with a bounded number of tasks at a time.

Ray Data, with an actor that loads the bundle, gives the same counts and takes longer, since each split starts an actor
and its imports anew, while tasks find their workers again: 48 frames of the demo in two splits on two cores took 4.8,
5.7 and 8.7 s this way, and 8.8, 10.9 and 13.6 s with Ray Data, taking turns.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import ray
import torch

from irstd.compute.cluster import require
from irstd.compute.faults import one_line
from irstd.datasets.sample import Sample
from irstd.datasets.stored_samples import StoredSamples
from irstd.errors import ComputeError, IrstdError
from irstd.evaluation.scoring import score_frames
from irstd.metrics import FrameCounts
from irstd.models.bundle import LoadedDetector, load_files
from irstd.models.folder import files_hash
from irstd.settings.compute import Resources

# Frames a task: enough that starting it hardly counts, few enough that workers end together.
_SHARD = 16
_AHEAD = 2  # tasks for each that can run: the next one waits where the last one ends


@dataclass(frozen=True)
class _Bundle:
    """A bundle in Ray's store, which a worker fetches if it has not loaded it yet."""

    digest: str
    resources: Resources
    files: Any = field(compare=False)


def score_bundle(
    files: Mapping[str, bytes],
    samples: Sequence[Sample],
    resources: Resources,
    on_frames: Callable[[int], None] | None = None,
) -> list[FrameCounts]:
    """Return the counts of `samples` in their order, as one process with as many threads counts. Needs a `cluster()`.

    A few tasks' frames are in memory at a time. Samples of a prepared dataset are read by the workers if these see its
    files; all others are sent. What a killed worker was at is done by another.

    Args:
        files: the bundle's files by name, as `read_bundle` returns them.
        samples: labelled frames.
        resources: resources of each task; its detector runs on a GPU where it has one.
        on_frames: called with the number of frames done.

    Raises:
        ComputeError: the cluster lacks the resources, or workers died again and again.
        DataError: a frame has no mask to be scored against, or cannot be read.
        ModelError: the bundle cannot be loaded.
        ScoreError: the detector's response cannot be scored.
    """
    require(resources, "compute.evaluate")
    bundle = _Bundle(files_hash(files), resources, ray.put(dict(files)))
    found: list[FrameCounts] = []
    try:
        for counts in _stream(bundle, samples):
            found += counts
            if on_frames is not None:
                on_frames(len(found))
    except ray.exceptions.RayTaskError as fault:
        if isinstance(fault.cause, IrstdError):
            raise fault.cause from None
        raise ComputeError(f"scoring failed: {one_line(fault)}") from fault
    except ray.exceptions.RayError as fault:
        raise ComputeError(f"scoring was lost: {one_line(fault)}") from fault
    return found


def _stream(bundle: _Bundle, samples: Sequence[Sample]) -> Iterator[list[FrameCounts]]:
    """Yield the counts of each task in the order of `samples`; no more tasks are begun than the reader takes."""
    resources = bundle.resources
    # A GPU's worker would end with its task, and the bundle with it, if calls were not without limit.
    options: Any = {"num_cpus": resources.cpus, "num_gpus": resources.gpus, "max_retries": 2, "max_calls": 0}
    task: Any = ray.remote(**options)(_score_shard)
    most, seen = _AHEAD * _slots(resources), True
    running = deque[tuple[Any, Sequence[Sample]]]()

    def first_done() -> list[FrameCounts]:
        nonlocal seen
        reference, part = running.popleft()
        counts: list[FrameCounts] | None = ray.get(reference)
        if counts is None:
            seen = False
            counts = ray.get(task.remote(bundle, list(part)))
        return counts

    for first in range(0, len(samples), _SHARD):
        part = samples[first : first + _SHARD]
        running.append((task.remote(bundle, part if seen else list(part)), part))
        if len(running) == most:
            yield first_done()
    while running:
        yield first_done()


def _slots(resources: Resources) -> int:
    """Return how many tasks the cluster can run at once."""
    there = ray.cluster_resources()  # type: ignore[no-untyped-call]
    slots = there.get("CPU", 0.0) / max(resources.cpus, 1)
    return max(int(min(slots, there.get("GPU", 0.0) / resources.gpus) if resources.gpus else slots), 1)


def _score_shard(bundle: _Bundle, samples: Sequence[Sample]) -> list[FrameCounts] | None:
    """Score some frames; None if they are on disk and this machine does not see them."""
    if isinstance(samples, StoredSamples) and not samples.is_here:
        return None
    torch.set_num_threads(bundle.resources.cpus)
    loaded = _load(bundle)
    return score_frames(loaded.detector, samples, loaded.bundle.operating).frames


@lru_cache(maxsize=1)
def _load(bundle: _Bundle) -> LoadedDetector:
    """Load the bundle once a worker."""
    loaded = load_files(ray.get(bundle.files))
    loaded.detector.to("cuda" if bundle.resources.gpus else "cpu")
    return loaded
