"""The demo set as a canonical dataset."""

from pathlib import Path

import numpy as np

from irstd.curation.demo.backgrounds import BACKGROUNDS
from irstd.curation.demo.frame import Plan, make_frame
from irstd.curation.demo.sensor import CAMERAS, Sensor, make_sensor
from irstd.curation.progress import Progress, with_progress
from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import DatasetInfo
from irstd.errors import DataError

_FEWEST = 5
_SPLITS = ("train", "val", "train", "test", "train")

# Streams of random numbers: a frame's own is (seed, 0, index), a sensor's (seed, 1, number).
_FRAMES, _SENSORS = 0, 1


def make_demo(
    folder: Path,
    frames: int = 240,
    seed: int = 0,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> None:
    """Make the demo set in `folder`; same `seed`, same bytes. Ours.

    Frame i depends on `seed` and i alone, not on how many there are. 60 % of the frames are train, 20 % val, 20 % test;
    with 100 frames or more each split has every background with every sensor. One frame in eight has no target.

    Args:
        folder: the dataset's folder; its name is the dataset's.
        frames: how many, at least 5.
        seed: any integer from 0.
        replace: whether a dataset that is there may be replaced.
        progress: called with (done, all) after each frame.

    Raises:
        DataError: too few frames, a negative seed, the folder exists or cannot be written.
    """
    if frames < _FEWEST:
        raise DataError(f"the demo set needs at least {_FEWEST} frames, so that each split has one; got {frames}")
    if seed < 0:
        raise DataError(f"the demo set's seed must be 0 or more, got {seed}")
    info = DatasetInfo(
        name=folder.name,
        source=f"synthetic scenes of this project, {frames} frames, seed {seed}",
        citation="none",
        licence="Apache-2.0, as the project",
    )
    sensors = make_sensors(seed)
    with new_dataset(folder, info, with_points=True, replace=replace) as writer:
        for index in with_progress(range(frames), frames, progress):
            plan, sensor = plan_of(index), sensors[index // len(_SPLITS) % len(sensors)]
            writer.add(make_frame(np.random.default_rng([seed, _FRAMES, index]), plan, sensor), split_of(index))


def make_sensors(seed: int) -> tuple[Sensor, ...]:
    """Make one sensor of each camera; all frames share their faults."""
    return tuple(
        make_sensor(np.random.default_rng([seed, _SENSORS, number]), camera) for number, camera in enumerate(CAMERAS)
    )


def split_of(index: int) -> str:
    """Return the split of frame `index`: of five, three are train, one val, one test."""
    return _SPLITS[index % len(_SPLITS)]


def plan_of(index: int) -> Plan:
    """Plan frame `index`. Every five frames the backgrounds shift, so that each split has all of them."""
    kinds = tuple(BACKGROUNDS)
    kind = kinds[(index + index // len(_SPLITS)) % len(kinds)]
    return Plan(name=f"{index:05d}-{kind}", background=kind, empty=index % 8 == 5)
