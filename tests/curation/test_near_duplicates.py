"""Near-duplicate frames."""

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.curation import near_duplicates as similar
from irstd.curation.near_duplicates import SIMILAR, Pair, similar_groups, similar_pairs, thumbnail
from irstd.frames import to_rgb

Levels = NDArray[np.float64]


def scene(seed: int, size: tuple[int, int] = (64, 64)) -> Levels:
    """Blocks of 8 px of random grey, 40 to 200."""
    blocks = np.random.default_rng(seed).uniform(40, 200, (size[0] // 8, size[1] // 8))
    return np.asarray(np.kron(blocks, np.ones((8, 8))), dtype=np.float64)


def as_frame(levels: Levels) -> NDArray[np.uint8]:
    return np.rint(levels).astype(np.uint8)


def unit(*values: float) -> NDArray[np.float32]:
    vector = np.zeros(1024)
    vector[: len(values)] = values
    return np.tile(np.asarray(vector / np.linalg.norm(vector), dtype=np.float32), (2, 1))


def test_a_thumbnail_is_the_blocks_means() -> None:
    levels = scene(0, (32, 32))
    centred = as_frame(levels) - as_frame(levels).mean()
    np.testing.assert_allclose(thumbnail(as_frame(levels))[0], (centred / np.linalg.norm(centred)).ravel(), atol=1e-6)
    large = np.kron(as_frame(levels), np.ones((3, 2), dtype=np.uint8)).astype(np.uint8)
    np.testing.assert_allclose(thumbnail(large), thumbnail(as_frame(levels)), atol=1e-6)


def test_brightness_and_contrast_do_not_count() -> None:
    first, other = thumbnail(as_frame(scene(1)))[0], thumbnail(as_frame(0.5 * scene(1) + 60))[0]
    assert first.dtype == np.float32
    assert first @ other == pytest.approx(1.0, abs=1e-3)
    assert first @ thumbnail(as_frame(scene(2)))[0] < 0.5


@pytest.mark.parametrize("size", [(5, 7), (37, 100), (240, 320)])
@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_flat_frame_is_like_nothing(size: tuple[int, int], level: int) -> None:
    flat = thumbnail(np.full(size, level, dtype=np.uint8))
    assert not flat.any()
    assert similar_pairs({"a": flat, "b": flat}) == []


def test_colour_and_depth_do_not_count() -> None:
    grey = as_frame(scene(3))
    assert thumbnail(to_rgb(grey))[0] @ thumbnail(grey)[0] == pytest.approx(1.0, abs=1e-6)
    assert thumbnail(grey.astype(np.uint16) * 20 + 4000)[0] @ thumbnail(grey)[0] > SIMILAR


def sky(x: int, y: int, noise: int, gradient: float = 20.0) -> NDArray[np.uint8]:
    """A calm sky of 128×128 px with a target of 7×7 px."""
    levels = 60 + gradient * np.arange(128)[:, None] / 128 + np.random.default_rng(noise).normal(0, 1.5, (128, 128))
    levels[y - 3 : y + 4, x - 3 : x + 4] += 90
    return as_frame(levels)


@pytest.mark.parametrize("with_mask", [True, False])
def test_a_moving_target_makes_no_new_scene(with_mask: bool) -> None:
    places = {"a": (30, 40), "b": (90, 100)}
    thumbnails = {}
    for noise, (name, (x, y)) in enumerate(places.items()):
        mask = np.zeros((128, 128), dtype=np.bool_)
        mask[y - 3 : y + 4, x - 3 : x + 4] = True
        points = np.array([(x, y)], dtype=np.float64)
        thumbnails[name] = thumbnail(sky(x, y, noise), points, mask if with_mask else None)
    plain, cut = (float(thumbnails["a"][row] @ thumbnails["b"][row]) for row in (0, 1))
    assert plain < 0.9
    assert cut > 0.995
    (pair,) = similar_pairs(thumbnails)
    assert pair.correlation == pytest.approx(cut, abs=1e-5)
    assert similar_groups(thumbnails) == [("a", "b")]


def test_another_scene_stays_one_without_its_target_too() -> None:
    point = np.array([(30.0, 40.0)])
    flat, steep = (thumbnail(sky(30, 40, seed, gradient), point) for seed, gradient in ((0, 1.0), (1, 20.0)))
    assert similar_pairs({"a": flat, "b": steep}) == []
    frame = as_frame(scene(3))
    np.testing.assert_array_equal(thumbnail(frame, np.zeros((0, 2)))[0], thumbnail(frame)[1])
    np.testing.assert_array_equal(thumbnail(frame, np.array([(900.0, -3.0)])), thumbnail(frame))


def test_dead_pixels_do_not_make_frames_alike() -> None:
    frames = [as_frame(scene(seed)).astype(np.uint16) + 3000 for seed in (4, 5)]
    for frame in frames:
        frame[5, 5] = frame[40, 20] = 65535
    assert thumbnail(frames[0])[0] @ thumbnail(frames[1])[0] < 0.5


def test_pairs_within_a_set_and_between_two() -> None:
    near = unit(1, 0.1)  # correlates 1 / sqrt(1.01) = 0.995037 with unit(1)
    one = {"c": unit(1), "a": near, "b": unit(0, 0, 1)}
    assert similar_pairs(one) == [Pair("a", "c", 0.995037)]
    assert similar_pairs(one, least=0.996) == []
    other = {"z": unit(1), "c": unit(0, 0, 2)}
    assert [(pair.first, pair.second) for pair in similar_pairs(one, other)] == [("a", "z"), ("b", "c"), ("c", "z")]
    assert similar_pairs({}) == similar_pairs(one, {}) == similar_pairs({}, one) == []


def test_the_bound_itself_is_not_similar() -> None:
    assert similar_pairs({"a": unit(1), "b": unit(3, 4)}, least=0.6) == []
    assert len(similar_pairs({"a": unit(1), "b": unit(3, 4)}, least=0.599)) == 1


def test_groups_are_chains_of_pairs() -> None:
    # a, b, c turn by 6° each: neighbours correlate 0.9945, a and c 0.978.
    angles = np.radians([0, 6, 12])
    chain = {name: unit(np.cos(angle), np.sin(angle)) for name, angle in zip("cab", angles, strict=True)}
    assert [(pair.first, pair.second) for pair in similar_pairs(chain)] == [("a", "b"), ("a", "c")]
    assert similar_groups(chain | {"d": unit(0, 0, 1), "0": unit(0, 0, 0, 1)}) == [("0",), ("a", "b", "c"), ("d",)]
    assert similar_groups({}) == []


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    seeds = rng.normal(size=(4, 1024))
    noisy = [seeds[index % 4] + 0.05 * rng.normal(size=1024) for index in range(22)] + [*rng.normal(size=(3, 1024))]
    thumbnails = {f"{index:02d}": unit(*vector) for index, vector in enumerate(noisy)}
    whole = similar_pairs(thumbnails), similar_groups(thumbnails), similar_pairs(thumbnails, thumbnails)
    assert sorted(map(len, whole[1])) == [1, 1, 1, 5, 5, 6, 6]
    assert len(whole[0]) == 2 * 10 + 2 * 15
    assert len(whole[2]) == 2 * len(whole[0]) + 25
    monkeypatch.setattr(similar, "_ROWS", 3)
    monkeypatch.setattr(similar, "_COLUMNS", 2)
    assert (similar_pairs(thumbnails), similar_groups(thumbnails), similar_pairs(thumbnails, thumbnails)) == whole
