"""Scoring on Ray workers against the same in one process."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray
import torch

from irstd.compute import scoring
from irstd.compute.cluster import cluster
from irstd.compute.scoring import _SHARD, score_bundle
from irstd.datasets.sample import Sample
from irstd.errors import ComputeError, DataError
from irstd.evaluation.scoring import score_frames
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, LoadedDetector, bundle_files, load_files
from irstd.models.folder import files_hash
from irstd.models.registry import build
from irstd.settings.compute import Resources
from tests.compute.own_ray import own_ray
from tests.datasets.build import stored
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


def test_prepared_frames_are_read_by_the_workers_or_sent(tmp_path: Path) -> None:
    files, samples = files_of("tophat"), stored(tmp_path / "prepared", SAMPLES)
    alone = score_frames(build("tophat", {}), SAMPLES, RULES).frames
    with cluster():
        assert score_bundle(files, samples, Resources(cpus=1)) == alone
        os.utime(samples.shards.paths[0])  # as on a machine with other files of that name
        assert not samples.is_here
        assert score_bundle(files, samples, Resources(cpus=1)) == alone


def test_what_a_killed_worker_was_at_is_done_by_another() -> None:
    files, killed = files_of("tophat"), list[int]()

    def kill_one(_: int) -> None:
        children = psutil.Process().children(recursive=True)
        busy = [each for each in children if each.name().startswith("ray::_score")]
        if busy and not killed:
            killed.append(busy[0].pid)
            busy[0].kill()

    many = SAMPLES * 6
    with cluster():
        found = score_bundle(files, many, Resources(cpus=1), kill_one)
    assert killed
    assert found == score_frames(build("tophat", {}), SAMPLES, RULES).frames * 6


class Watched(Sequence[Sample]):
    """Samples that remember how many of them were asked for."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples, self.taken = samples, 0

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: Any) -> Any:
        self.taken = max(self.taken, index.stop)
        return self.samples[index]


def test_only_a_few_frames_are_in_memory_at_a_time() -> None:
    watched = Watched(SAMPLES * 6)
    ahead = list[int]()
    with cluster():
        score_bundle(files_of("tophat"), watched, Resources(cpus=1), lambda done: ahead.append(watched.taken - done))
    assert ahead[0] == 3 * _SHARD  # of two CPUs
    assert max(ahead) == 3 * _SHARD


def test_a_worker_loads_the_bundle_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = list[str]()

    def counting(files: Mapping[str, bytes]) -> LoadedDetector:
        loads.append("loaded")
        return load_files(files)

    monkeypatch.setattr(scoring, "load_files", counting)
    with cluster():
        files = files_of("tophat")
        bundle = scoring._Bundle(files_hash(files), Resources(cpus=1), ray.put(files))
        one, two = (scoring._score_shard(bundle, SAMPLES[:2]) for _ in range(2))
    assert one == two
    assert loads == ["loaded"]


def test_the_fault_of_a_frame_comes_back_as_it_was_raised() -> None:
    unmasked = Sample("bare", SAMPLES[0].frame, SAMPLES[0].points)
    with cluster(), pytest.raises(DataError, match=r"^bare: has points but no mask"):
        score_bundle(files_of("tophat"), [*SAMPLES, unmasked], Resources(cpus=1))


def test_more_than_the_machine_has_is_refused_before_anything_waits() -> None:
    with cluster(), pytest.raises(ComputeError, match=r"compute.evaluate asks for 3 CPUs and no machine .* than 2"):
        score_bundle(files_of("tophat"), SAMPLES, Resources(cpus=3))
