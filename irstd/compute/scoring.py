"""Scoring a bundle on many workers: a Ray task a shard of frames."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ray
import torch

from irstd.compute.cluster import Share, require
from irstd.compute.faults import one_line
from irstd.datasets.sample import Sample
from irstd.errors import ComputeError, IrstdError
from irstd.evaluation.scoring import score_frames
from irstd.files import write_folder
from irstd.metrics import FrameCounts
from irstd.models.bundle import load_bundle

# Frames a task: enough that loading the bundle (tens of ms) hardly counts, few enough that workers end together.
_SHARD = 16


def score_bundle(
    files: Mapping[str, bytes],
    samples: Sequence[Sample],
    share: Share,
    on_frames: Callable[[int], None] | None = None,
) -> list[FrameCounts]:
    """The counts of `samples` in their order, the same as one process finds with as many threads. Needs a `cluster()`.

    Args:
        files: the bundle's files by name; workers need no path of the driver's.
        samples: labelled frames.
        share: what each task gets; its detector runs on a GPU where it has one.
        on_frames: hears how many frames are done.

    Raises:
        ComputeError: the resources are not there, or workers died for good.
        DataError: a frame has no mask to be scored against.
        ModelError: the bundle cannot be loaded.
        ScoreError: the detector's response cannot be scored.
    """
    require(share, "compute.evaluate")
    options: Any = {"num_cpus": share.cpus, "num_gpus": share.gpus, "max_retries": 2}
    task: Any = ray.remote(**options)(_score_shard)
    bundle = ray.put(dict(files))
    shards = [list(samples[first : first + _SHARD]) for first in range(0, len(samples), _SHARD)]
    found: list[FrameCounts] = []
    try:
        for reference in [task.remote(bundle, shard, share) for shard in shards]:
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


def _score_shard(files: Mapping[str, bytes], samples: Sequence[Sample], share: Share) -> list[FrameCounts]:
    torch.set_num_threads(share.cpus)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        write_folder(folder, files)
        detector, bundle = load_bundle(folder)
    return score_frames(detector.to("cuda" if share.gpus else "cpu"), samples, bundle.operating).frames
