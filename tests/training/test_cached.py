"""A fit on frames that stay on disk, and what of them is kept in memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irstd.training import cached
from irstd.training.cached import Cached, sample_bytes, with_cache
from irstd.training.config import FitConfig
from irstd.training.jobs import FitJob, run_job
from tests.datasets.build import stored
from tests.training.tiny import scenes

CONFIG = FitConfig(steps=6, batch=2, crop=32, warmup_steps=2, validate_every=3, label="gaussian", threads=1)
JOB = FitJob("spire", {"size": 32, "color": "grey"}, CONFIG, {"dataset": "scenes"})


def test_the_item_used_longest_ago_is_made_again() -> None:
    made = list[int]()

    def make(index: int) -> bytes:
        made.append(index)
        return bytes([index]) * 10

    items = Cached(make, 4, len, most=20)
    assert [items[index][0] for index in (0, 1, 0, 2, 0, 1)] == [0, 1, 0, 2, 0, 1]
    assert made == [0, 1, 2, 1]  # 2 took the place of 1, then 1 that of 2
    assert [len(item) for item in items] == [10] * 4
    assert items[-1] == b"\3" * 10
    assert items[1:3] == [b"\1" * 10, b"\2" * 10]
    with pytest.raises(IndexError):
        items[4]


def test_an_item_larger_than_the_bound_is_returned_too() -> None:
    items = Cached(lambda index: bytes(30), 2, len, most=20)
    assert [len(items[index]) for index in (0, 1, 0)] == [30, 30, 30]


def test_bytes_of_a_sample() -> None:
    sample = scenes(1, 0, 32)[0]
    assert sample_bytes(replace(sample, mask=None)) == sample.frame.nbytes
    assert sample.mask is not None
    assert sample_bytes(sample) == sample.frame.nbytes + sample.mask.nbytes


def test_frames_in_memory_stay_and_those_on_disk_are_read_once(tmp_path: Path) -> None:
    samples = stored(tmp_path / "prepared", scenes(3, 1, 32))
    inside = scenes(2)
    found = with_cache({"train": samples, "val": inside})
    assert found["val"] is inside
    first = found["train"][2]
    assert found["train"][2] is first
    np.testing.assert_array_equal(first.frame, samples[2].frame)


@pytest.mark.parametrize("most", [cached.MOST_BYTES, 4000], ids=["all fit", "one fits"])
@pytest.mark.parametrize("pasted", [0.0, 0.5])
def test_a_fit_on_disk_has_the_bytes_of_one_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, pasted: float
) -> None:
    train, val = scenes(5, 2, 48), scenes(2, 1, 48)
    job = replace(JOB, config=replace(CONFIG, paste=pasted))
    inside = run_job(job, {"train": train, "val": val}, lambda row: None)
    monkeypatch.setattr(cached, "MOST_BYTES", most)
    disk = {"train": stored(tmp_path / "train", train), "val": stored(tmp_path / "val", val)}
    assert run_job(job, disk, lambda row: None).files == inside.files
