"""Frames that workers read themselves, and those that are sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from irstd.compute import reach
from irstd.compute.cluster import cluster
from irstd.compute.reach import within_reach
from tests.compute.own_ray import own_ray
from tests.datasets.build import stored
from tests.training.tiny import scenes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def one_cpu() -> Iterator[None]:
    yield from own_ray(cpus=1)


def test_one_machine_reads_from_disk_and_frames_in_memory_stay_there(tmp_path: Path) -> None:
    disk, inside = stored(tmp_path / "prepared", scenes(2)), scenes(2)
    with cluster():
        found = within_reach({"train": disk, "val": inside})
    assert found["train"] is disk
    assert found["val"] == inside


def test_frames_are_sent_where_another_machine_has_no_such_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = stored(tmp_path / "prepared", scenes(2))
    monkeypatch.setattr(reach, "_here", lambda: "another node")  # so that this one is asked
    with cluster():
        assert within_reach({"train": disk})["train"] is disk
        path = disk.shards.paths[0]
        path.write_bytes(path.read_bytes())  # another time of change, as another machine's file has
        sent = within_reach({"train": disk})["train"]
    assert [sample.name for sample in sent] == [sample.name for sample in scenes(2)]
    assert isinstance(sent, list)
