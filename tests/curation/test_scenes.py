"""Scenes: clips that show the same background."""

import cv2
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from irstd.curation.scenes import REPEATS, Scenes, find_scenes, view_of
from irstd.datasets.sample import Sample

SIDE = (64, 80)


def landscape(seed: int, width: int = 200) -> NDArray[np.float64]:
    """A sky over rough ground, as wide as a camera may turn."""
    rng = np.random.default_rng(seed)
    rough = cv2.GaussianBlur(rng.normal(0, 200, (SIDE[0], width)), (0, 0), 1.5)
    sky = np.arange(SIDE[0])[:, None] < 30
    return np.asarray(60.0 + np.where(sky, rough / 20, rough + 60))


def shot(picture: NDArray[np.float64], left: int, seed: int, target: tuple[int, int] | None = None) -> Sample:
    """A frame of that part of a landscape, with noise of its own and a bright target."""
    frame = picture[:, left : left + SIDE[1]] + np.random.default_rng(seed).normal(0, 2, SIDE)
    points = np.zeros((0, 2))
    if target is not None:
        x, y = target
        frame[y - 2 : y + 3, x - 2 : x + 3] = 255
        points = np.array([[x, y]], dtype=np.float64)
    return Sample(f"{seed}", np.clip(frame, 0, 255).astype(np.uint8), points)


def scenes_of(clips: dict[str, list[Sample]]) -> Scenes:
    frames = {f"{clip}-{index}": each for clip, own in clips.items() for index, each in enumerate(own)}
    names = {clip: [f"{clip}-{index}" for index in range(len(own))] for clip, own in clips.items()}
    return find_scenes(names, lambda name: frames[name])


def test_the_same_background_is_one_scene_wherever_the_camera_looks() -> None:
    one, other = landscape(1), landscape(2)
    found = scenes_of(
        {
            "a": [shot(one, 0, 10), shot(one, 10, 11, (20, 15))],
            "b": [shot(one, 35, 12, (60, 15))],
            "c": [shot(other, 0, 13, (20, 15)), shot(other, 40, 14)],
            "d": [shot(landscape(3), 0, 15, (20, 15))],
        }
    )
    assert found.of_clip == {"a": 1, "b": 1, "c": 2, "d": 3}
    assert found.like["a"][0] == "b"
    assert found.like["b"][1] > REPEATS
    assert found.like["c"][1] < REPEATS


def test_horizon_and_target_alone_make_no_scene() -> None:
    views = [view_of(shot(landscape(seed), 0, seed, (40, 15))) for seed in (4, 5)]
    for view in views:
        assert np.abs(view.mean(axis=1)).max() == pytest.approx(0, abs=1e-4)
    found = scenes_of({str(seed): [shot(landscape(seed), 0, seed, (40, 15))] for seed in (4, 5)})
    assert found.of_clip == {"4": 1, "5": 2}


def test_flat_frames_and_a_single_clip() -> None:
    flat = Sample("flat", np.full(SIDE, 9, dtype=np.uint8), np.zeros((0, 2)))
    assert scenes_of({"a": [flat], "b": [flat]}).of_clip == {"a": 1, "b": 2}
    assert scenes_of({"a": [flat]}) == Scenes({"a": 1}, {})


def test_the_table_has_a_row_a_clip_and_split() -> None:
    scenes = Scenes({"a": 1, "b": 1, "c": 2}, {"a": ("b", 0.9), "b": ("a", 0.9), "c": ("b", 0.1)})
    clips = {"a1": "a", "a2": "a", "b1": "b", "c1": "c", "c2": "c"}
    table = scenes.table(clips, {"train": ("a1", "a2", "b1", "x"), "val": ("c1",), "test": ("c2",)})
    wanted = [
        (1, "a", "train", 2, "b", 0.9),
        (1, "b", "train", 1, "a", 0.9),
        (2, "c", "test", 1, "b", 0.1),
        (2, "c", "val", 1, "b", 0.1),
    ]
    pd.testing.assert_frame_equal(table, pd.DataFrame(wanted, columns=list(table.columns)), check_dtype=False)
