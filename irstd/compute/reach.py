"""Whether workers read the frames of a prepared dataset from its files, or get them sent."""

from collections.abc import Mapping, Sequence

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from irstd.datasets.sample import Sample
from irstd.datasets.stored_samples import StoredSamples


def within_reach(frames: Mapping[str, Sequence[Sample]]) -> dict[str, Sequence[Sample]]:
    """Return splits that every machine of the cluster can read: on disk if all see the files, else in memory.

    Frames on a disk that all machines share, or of a cluster of one machine, are neither sent nor held. Needs a
    `cluster()`.
    """
    return {split: samples if _all_see(samples) else list(samples) for split, samples in frames.items()}


def _all_see(samples: Sequence[Sample]) -> bool:
    if not isinstance(samples, StoredSamples):
        return False
    here = _here()
    nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    asked = [_ask(samples, node) for node in nodes if node != here]
    try:
        return all(ray.get(asked))
    except ray.exceptions.RayError:  # a machine that left
        return False


def _here() -> str:
    return str(ray.get_runtime_context().get_node_id())


def _ask(samples: StoredSamples, node: str) -> "ray.ObjectRef[bool]":
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    task = ray.remote(num_cpus=0, scheduling_strategy=there)(_is_here)  # type: ignore[call-overload]
    answer: ray.ObjectRef[bool] = task.remote(samples[:0])
    return answer


def _is_here(samples: StoredSamples) -> bool:
    return samples.is_here
