"""Scoring a bundle on many workers: a Ray task a shard of frames."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray
import torch

from irstd.compute.cluster import require
from irstd.compute.faults import one_line
from irstd.datasets.sample import Sample
from irstd.errors import ComputeError, IrstdError
from irstd.evaluation.scoring import score_frames
from irstd.metrics import FrameCounts
from irstd.models.bundle import load_files
from irstd.settings.compute import Resources

# Frames a task: enough that loading the bundle (tens of ms) hardly counts, few enough that workers end together.
_SHARD = 16


def score_bundle(
    files: Mapping[str, bytes],
    samples: Sequence[Sample],
    resources: Resources,
    on_frames: Callable[[int], None] | None = None,
) -> list[FrameCounts]:
    """Return the counts of `samples` in their order, as one process with as many threads counts. Needs a `cluster()`.

    Args:
        files: the bundle's files by name, as `read_bundle` returns them.
        samples: labelled frames.
        resources: resources of each task; its detector runs on a GPU where it has one.
        on_frames: called with the number of frames done.

    Raises:
        ComputeError: the cluster lacks the resources, or workers died again and again.
        DataError: a frame has no mask to be scored against.
        ModelError: the bundle cannot be loaded.
        ScoreError: the detector's response cannot be scored.
    """
    require(resources, "compute.evaluate")
    options: Any = {"num_cpus": resources.cpus, "num_gpus": resources.gpus, "max_retries": 2}
    task: Any = ray.remote(**options)(_score_shard)
    bundle = ray.put(dict(files))
    shards = [list(samples[first : first + _SHARD]) for first in range(0, len(samples), _SHARD)]
    found: list[FrameCounts] = []
    try:
        for reference in [task.remote(bundle, shard, resources) for shard in shards]:
            found += ray.get(reference)
            if on_frames is not None:
                on_frames(len(found))
    except ray.exceptions.RayTaskError as fault:
        if isinstance(fault.cause, IrstdError):
            raise fault.cause from None
        raise ComputeError(f"scoring failed: {one_line(fault)}") from fault
    except ray.exceptions.RayError as fault:
        raise ComputeError(f"scoring was lost: {one_line(fault)}") from fault
    return found


def _score_shard(files: Mapping[str, bytes], samples: Sequence[Sample], resources: Resources) -> list[FrameCounts]:
    torch.set_num_threads(resources.cpus)
    loaded = load_files(files)
    detector = loaded.detector.to("cuda" if resources.gpus else "cpu")
    return score_frames(detector, samples, loaded.bundle.operating).frames
