"""Scoring on Ray workers against the same in one process."""

from collections.abc import Iterator

import pytest
import torch

from irstd.compute.cluster import cluster
from irstd.compute.scoring import _SHARD, score_bundle
from irstd.datasets.sample import Sample
from irstd.errors import ComputeError, DataError
from irstd.evaluation.scoring import score_frames
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files
from irstd.models.registry import build
from irstd.settings.compute import Resources
from tests.compute.own_ray import own_ray
from tests.training.tiny import scenes

pytestmark = pytest.mark.slow

SAMPLES = scenes(count=2 * _SHARD, background=3, side=48)  # three shards, the last one short
RULES = Rules(threshold=0.3)


@pytest.fixture(scope="module", autouse=True)
def two_cpus() -> Iterator[None]:
    yield from own_ray(cpus=2)


def files_of(variant: str) -> dict[str, bytes]:
    torch.manual_seed(0)
    settings: dict[str, object] = {"size": 64} if variant == "spire" else {}
    return bundle_files(build(variant, settings), Bundle(variant, settings, RULES))


@pytest.mark.parametrize("variant", ["tophat", "spire"])
def test_workers_find_what_one_process_finds(variant: str) -> None:
    files = files_of(variant)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    alone = score_frames(build(variant, {"size": 64} if variant == "spire" else {}), SAMPLES, RULES)
    heard: list[int] = []
    with cluster():
        found = score_bundle(files, SAMPLES, Resources(cpus=1), heard.append)
    assert heard == [_SHARD, 2 * _SHARD, len(SAMPLES)]
    assert [frame.name for frame in found] == [sample.name for sample in SAMPLES]
    for ours, theirs in zip(found, alone.frames, strict=True):
        assert ours.counts == theirs.counts
        assert ours.highest_false_score == theirs.highest_false_score


def test_the_fault_of_a_frame_comes_back_as_it_was_raised() -> None:
    unmasked = Sample("bare", SAMPLES[0].frame, SAMPLES[0].points)
    with cluster(), pytest.raises(DataError, match=r"^bare: has points but no mask"):
        score_bundle(files_of("tophat"), [*SAMPLES, unmasked], Resources(cpus=1))


def test_more_than_the_machine_has_is_refused_before_anything_waits() -> None:
    with cluster(), pytest.raises(ComputeError, match=r"compute.evaluate asks for 3 CPUs and no machine .* than 2"):
        score_bundle(files_of("tophat"), SAMPLES, Resources(cpus=3))
