"""Carving splits out of train."""

from collections.abc import Iterable

import pytest

from irstd.curation.carving import Names, complete_splits
from irstd.errors import DataError


def frames(count: int) -> Names:
    return tuple(f"{index:04d}" for index in range(count))


def each_alone(names: Names) -> Iterable[Names]:
    return [(name,) for name in names]


def by_tens(names: Names) -> Iterable[Names]:
    return [names[start : start + 10] for start in range(0, len(names), 10)]


def never(names: Names) -> Iterable[Names]:
    raise AssertionError("nothing is to be carved")


def test_official_splits_stay() -> None:
    official = {"test": ("b", "a"), "train": ("d", "c"), "val": ("f", "e")}
    splits = complete_splits(tuple("abcdef"), official, never, seed=0)
    assert (splits.frames, splits.origin) == (official, "official")
    assert list(splits.frames) == ["train", "val", "test"]


@pytest.mark.parametrize(("count", "val"), [(663, 133), (1001, 201), (1000, 200), (35, 7), (6, 2), (2, 1)])
def test_one_frame_in_five_is_carved(count: int, val: int) -> None:
    splits = complete_splits(frames(count), {"train": frames(count), "test": ("t",)}, each_alone, seed=0)
    assert len(splits.frames["val"]) == val
    assert sorted([*splits.frames["val"], *splits.frames["train"]]) == list(frames(count))
    assert splits.origin == f"train, test: official; val: carved, {val} of {count} train frames, seed 0"


def test_the_published_order_stays() -> None:
    backwards = frames(50)[::-1]
    splits = complete_splits(backwards, {"train": backwards, "test": ("t",)}, each_alone, seed=0).frames
    assert all(list(splits[split]) == sorted(splits[split], reverse=True) for split in ("train", "val"))


def test_the_seed_decides() -> None:
    def val(seed: int) -> Names:
        return complete_splits(frames(100), {"train": frames(100), "test": ("t",)}, each_alone, seed).frames["val"]

    assert val(0) == val(0)
    assert len({val(seed) for seed in range(5)}) == 5
    assert val(0) != frames(20)
    with pytest.raises(DataError, match="the seed of carved splits must be 0 or more, got -1"):
        val(-1)


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_together(seed: int) -> None:
    splits = complete_splits(frames(100), {}, by_tens, seed).frames
    assert {split: len(names) for split, names in splits.items()} == {"train": 70, "val": 10, "test": 20}
    for group in by_tens(frames(100)):
        assert sum(bool(set(group) & set(names)) for names in splits.values()) == 1


def test_a_group_that_does_not_fit_makes_room_for_those_that_do() -> None:
    def groups(names: Names) -> Iterable[Names]:
        return [names[:60], *each_alone(names[60:])]

    for seed in range(5):
        splits = complete_splits(frames(100), {"train": frames(100), "test": ("t",)}, groups, seed).frames
        assert len(splits["val"]) == 20
        assert set(frames(60)) <= set(splits["train"])


def test_where_no_group_fits_the_smallest_is_carved() -> None:
    def groups(names: Names) -> Iterable[Names]:
        return [names[:6], names[6:]]

    splits = complete_splits(frames(10), {"train": frames(10), "test": ("t",)}, groups, seed=0)
    assert splits.frames["val"] == frames(10)[6:]
    assert "val: carved, 4 of 10 train frames" in splits.origin


@pytest.mark.parametrize("find_groups", [lambda names: [names], each_alone])
def test_what_cannot_be_parted_is_refused(find_groups: object) -> None:
    count = 1 if find_groups is each_alone else 9
    with pytest.raises(DataError, match=f"{count} train frames, all alike or too few: no val split can be carved"):
        complete_splits(frames(count), {"train": frames(count), "test": ("t",)}, find_groups, seed=0)  # type: ignore[arg-type]


def test_without_lists_test_is_carved_first() -> None:
    splits = complete_splits(frames(1001), {}, each_alone, seed=7)
    assert {split: len(names) for split, names in splits.frames.items()} == {"train": 640, "val": 160, "test": 201}
    assert splits.origin == (
        "test: carved, 201 of 1001 train frames, seed 7; val: carved, 160 of 800 train frames, seed 7"
    )


def test_frames_in_no_list_are_train_or_left_out() -> None:
    splits = complete_splits(tuple("abcd"), {"val": ("a",), "test": ("b",)}, never, seed=0)
    assert splits.frames == {"train": ("c", "d"), "val": ("a",), "test": ("b",)}
    assert splits.origin == "val, test: official; train: the frames in no list"
    splits = complete_splits(tuple("abcd"), {"train": ("c",), "val": ("a",), "test": ("b",)}, never, seed=0)
    assert splits.origin == "official; left out: 1 of 4 frames, in no list"
