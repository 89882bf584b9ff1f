"""The demo set as a whole."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.demo import make_demo
from irstd.curation.demo.backgrounds import BACKGROUNDS
from irstd.curation.demo.dataset import make_sensors, plan_of, split_of
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError
from irstd.labels.points import points_from_mask


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> CanonicalDataset:
    folder = tmp_path_factory.mktemp("raw") / "demo"
    make_demo(folder, frames=60, seed=3)
    return CanonicalDataset.open(folder)


def _files(folder: Path) -> Iterator[Path]:
    return (path.relative_to(folder) for part in ("images", "masks") for path in (folder / part).iterdir())


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for parent, seed in (("one", 0), ("two", 0), ("three", 1)):
        make_demo(tmp_path / parent / "demo", frames=6, seed=seed)
    one, two, three = (fingerprint(tmp_path / parent / "demo") for parent in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_a_frame_does_not_depend_on_how_many_there_are(tmp_path: Path, demo: CanonicalDataset) -> None:
    make_demo(tmp_path / "demo", frames=7, seed=3)
    small = CanonicalDataset.open(tmp_path / "demo")
    assert small.names == demo.names[:7]
    for path in _files(tmp_path / "demo"):
        assert (tmp_path / "demo" / path).read_bytes() == (demo.folder / path).read_bytes()
    for name in small.names:
        np.testing.assert_array_equal(small.sample(name).points, demo.sample(name).points)


def test_depths_and_sizes(demo: CanonicalDataset) -> None:
    frames = [demo.frame(name) for name in demo.names]
    assert np.mean([frame.dtype == np.uint16 for frame in frames]) == 0.25
    assert len({frame.shape for frame in frames}) == 4
    assert all(frame.max() < 2**14 and frame.mean() > 3000 for frame in frames if frame.dtype == np.uint16)


def test_one_component_a_target_at_its_point(demo: CanonicalDataset) -> None:
    for name in demo.names:
        sample = demo.sample(name)
        assert sample.mask is not None
        found = points_from_mask(sample.mask)
        assert len(found) == len(sample.points)
        for point in sample.points:
            # The mask is cut at half the peak and at the border, so its centroid is near the point, not on it.
            assert np.hypot(*(found - point).T).min() < 2.0


def test_numbers_of_targets(demo: CanonicalDataset) -> None:
    counts = {name: len(demo.sample(name).points) for name in demo.names}
    assert max(counts.values()) <= 4
    for index, name in enumerate(demo.names):
        assert (counts[name] == 0) == plan_of(index).empty
    assert 0.1 < np.mean([count == 0 for count in counts.values()]) < 0.15


def test_hot_pixels_are_the_sensors(demo: CanonicalDataset) -> None:
    frames = np.stack([demo.frame(name) for name in demo.names if demo.frame(name).shape == (128, 128)]).astype(float)
    leaks = make_sensors(3)[0].leaks
    for row, column in np.argwhere(leaks > 0.0):
        ring = [frames[:, row + down, column + right] for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
        above = frames[:, row, column] - np.median(ring, axis=0)
        assert np.median(above) == pytest.approx(leaks[row, column], abs=3.0)


def test_every_split_has_every_background_with_every_depth() -> None:
    seen = {(split_of(index), plan_of(index).background, (index // 5) % 4 == 3) for index in range(240)}
    assert len(seen) == 3 * len(BACKGROUNDS) * 2
    shares = [sum(split_of(index) == split for index in range(240)) for split in ("train", "val", "test")]
    assert shares == [144, 48, 48]


def test_progress_and_description(tmp_path: Path) -> None:
    steps = list[tuple[int, int]]()
    make_demo(tmp_path / "mine", frames=5, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 5) for done in range(1, 6)]
    info = CanonicalDataset.open(tmp_path / "mine").info
    assert (info.name, info.source) == ("mine", "synthetic scenes of this project, 5 frames, seed 0")


def test_faults(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needs at least 5 frames, so that each split has one; got 4"):
        make_demo(tmp_path / "demo", frames=4)
    with pytest.raises(DataError, match="seed must be 0 or more, got -1"):
        make_demo(tmp_path / "demo", seed=-1)
    make_demo(tmp_path / "demo", frames=5)
    with pytest.raises(DataError, match="exists already"):
        make_demo(tmp_path / "demo", frames=5)
    make_demo(tmp_path / "demo", frames=6, replace=True)
    assert len(CanonicalDataset.open(tmp_path / "demo").names) == 6
