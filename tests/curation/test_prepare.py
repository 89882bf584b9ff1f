"""The prepared dataset."""

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import irstd.frames.read
from irstd.curation.audit.audit import audit_frames
from irstd.curation.audit.look import Keeper, look_at_frames
from irstd.curation.audit.stored import Stored
from irstd.curation.prepare import MakeResponse, PreparedWriter
from irstd.curation.sheet import GAP_PX, TILE_PX, Line, heading
from irstd.curation.writing import new_dataset
from irstd.datasets import shards
from irstd.datasets.canonical import CanonicalDataset, DatasetInfo
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.points_csv import Row, as_stored, read_points, write_points
from irstd.datasets.prepared import PreparedDataset, open_dataset
from irstd.datasets.shards import find_shards
from irstd.errors import DataError, UnknownNameError
from irstd.frames import map_deep, place_square, read_image, to_8bit, write_png
from irstd.frames.header import Header
from irstd.frames.read import encode_png
from irstd.labels.response import RESPONSES
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS, Fault
from tests.datasets.build import SPLIT_OF, build, samples, small_response
from tests.frames.skies import faint_sky

SIZE = 64


def prepare(raw: Path, folder: Path, make_response: MakeResponse = small_response) -> PreparedDataset:
    stored = Stored.of(raw)
    writer = PreparedWriter(folder, stored.splits, SIZE, make_response)
    look_at_frames(stored, keeper=writer.keeper(stored))
    writer.finish()
    writer.write_preview(folder, folder.name)
    return PreparedDataset.open(folder)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return build(tmp_path / "raw").folder


def test_frames_are_8_bit_with_their_labels(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    train = prepared.split("train")
    assert [sample.name for sample in train] == ["a", "b"]
    for sample in (*train, *prepared.split("val"), *prepared.split("test")):
        expected = samples()[sample.name]
        np.testing.assert_array_equal(sample.frame, to_8bit(expected.frame))
        np.testing.assert_array_equal(sample.mask, expected.mask)
        np.testing.assert_allclose(sample.points, expected.points)
        assert sample.response is None


def targets_of(folder: Path) -> list[tuple[str, float, float, int | None]]:
    """Name, x, y and area of each target, as any reader of Parquet finds them."""
    table = pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])
    rows = zip(table["name"], table["points"], strict=True)
    return sorted((name, *point.values()) for name, points in rows for point in points)


def test_targets_have_their_areas(raw: Path, tmp_path: Path) -> None:
    prepare(raw, tmp_path / "prepared")
    assert targets_of(tmp_path / "prepared") == [
        ("a", 5.0, 7.0, 9),
        ("a", 20.5, 10.5, 4),
        ("b", 10.0, 10.0, 1),
        ("c", 1.0, 1.0, 9),
    ]


def test_area_is_that_of_the_nearest_component(raw: Path, tmp_path: Path) -> None:
    (raw / "points.csv").write_text("frame,x,y\na,17.5,10.5\na,8,7.00004\nd,3,3\n")
    prepare(raw, tmp_path / "prepared")
    assert targets_of(tmp_path / "prepared") == [("a", 8.0, 7.0, 9), ("a", 17.5, 10.5, 4), ("d", 3.0, 3.0, None)]


def test_responses_stand_on_the_square_input(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    response = prepared.response("b")
    assert response.dtype == np.float32
    assert response.shape == (SIZE // 4, SIZE // 4)
    # 32×24 px fill the 64 px square but for 8 px above and below: (10, 10) stands at 10·63/31, 8 + 10·47/23.
    expected = np.zeros_like(response)
    expected[int((8 + 470 / 23) / 4 + 0.5), int(630 / 31 / 4 + 0.5)] = 1.0
    np.testing.assert_array_equal(response, expected)
    assert prepared.response("d").sum() == 0.0


def test_samples_hold_their_responses_on_demand(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared", RESPONSES["gaussian"])
    for sample in prepared.split("train", "gaussian"):
        assert sample.response is not None
        assert (sample.response.label, sample.response.size, sample.response.stride) == ("gaussian", SIZE, 4)
        np.testing.assert_array_equal(sample.response.values, prepared.response(sample.name))


def test_response_function_sees_the_placed_grey_frame(raw: Path, tmp_path: Path) -> None:
    seen = list[NDArray[np.uint8]]()

    def spy(levels: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
        seen.append(levels)
        return small_response(levels, points)

    prepare(raw, tmp_path / "prepared", spy)
    assert [levels.shape for levels in seen] == [(SIZE, SIZE)] * 4
    frame = samples()["a"].frame
    assert frame.dtype == np.uint8
    placed = place_square(24, 32, SIZE).warp(to_8bit(frame))
    assert sum(np.array_equal(levels, placed) for levels in seen) == 1


def test_responses_are_drawn_from_the_points_that_a_fit_reads(tmp_path: Path) -> None:
    points = np.random.default_rng(0).uniform(0, 500, (200, 2))
    write_points(tmp_path / "points.csv", [Row("a", x, y) for x, y in points.tolist()])
    np.testing.assert_array_equal(as_stored(points), read_points(tmp_path / "points.csv", ["a"])["a"])
    assert as_stored(np.zeros((0, 2))).shape == (0, 2)


def test_each_file_is_decoded_once(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded, decode = Counter[str](), irstd.frames.read._decoded

    def counting(data: bytes, header: Header, where: str) -> NDArray[np.generic]:
        decoded[Path(where).relative_to(raw).as_posix()] += 1
        return decode(data, header, where)

    monkeypatch.setattr(irstd.frames.read, "_decoded", counting)
    stored = Stored.of(raw)
    writer = PreparedWriter(tmp_path / "prepared", stored.splits, SIZE, small_response)
    audit = audit_frames(stored, look_at_frames(stored, keeper=writer.keeper(stored)))
    writer.write_preview(tmp_path / "prepared", "prepared")
    assert audit.errors == ()
    assert decoded == {f"{part}/{name}.png": 1 for part in ("images", "masks") for name in SPLIT_OF}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_frames_that_the_writer_misses_are_errors_of_the_audit(tmp_path: Path, fault: Fault) -> None:
    folder = sound(tmp_path / "set", with_points=fault.with_points)
    fault.make(folder)
    stored, taken = Stored.of(folder), list[str]()
    keeper = Keeper[str](lambda sample: sample.name, taken.append, stored.frames)
    audit = audit_frames(stored, look_at_frames(stored, keeper=keeper))
    assert audit.errors or sorted(taken) == list(stored.frames)


def test_points_alone(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw", with_points=True, with_masks=False).folder
    prepared = prepare(raw, tmp_path / "prepared")
    assert prepared.split("train")[0].mask is None
    assert ("a", 5.0, 7.0, None) in targets_of(tmp_path / "prepared")


def test_preview_shows_frame_and_response(raw: Path, tmp_path: Path) -> None:
    prepare(raw, tmp_path / "prepared")
    picture = read_image(tmp_path / "prepared/preview.png")
    assert picture.ndim == 3
    top, left = len(heading("prepared", [Line("a note")])) + 24, 24
    frame = picture[top : top + TILE_PX, left : left + TILE_PX]
    assert (np.ptp(frame.astype(int), axis=2) > 150).any()  # the coloured circles on a grey frame
    assert frame.std() > 20.0
    below = top + TILE_PX + GAP_PX // 2
    response = picture[below : below + TILE_PX, left : left + TILE_PX]
    assert (response.max(axis=2) < 10).any()
    assert ((response.max(axis=2) > 200) & (response.min(axis=2) < 200)).any()  # the peaks, in bright false colours


def test_same_bytes_again_wherever_it_lies(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw", with_points=True).folder
    prepare(raw, tmp_path / "here/prepared")
    prepare(raw, tmp_path / "there/prepared")
    assert fingerprint(tmp_path / "here") == fingerprint(tmp_path / "there")


@pytest.mark.parametrize("size", [0, 62, -4])
def test_bad_size(tmp_path: Path, size: int) -> None:
    with pytest.raises(DataError, match=rf"labels\.size: .* {size}$"):
        PreparedWriter(tmp_path / "prepared", {}, size, small_response)


@pytest.mark.parametrize("bad", [np.zeros((3, 3)), np.full((SIZE // 4, SIZE // 4), np.nan)], ids=["shape", "nan"])
def test_bad_responses(raw: Path, tmp_path: Path, bad: NDArray[np.float64]) -> None:
    with pytest.raises(DataError, match="frame 'c'"):  # the first of val, with which the shards begin
        prepare(raw, tmp_path / "prepared", lambda levels, points: bad.astype(np.float32))


def test_frames_lie_in_the_order_of_the_splits(raw: Path, tmp_path: Path) -> None:
    (raw / "splits/train.txt").write_text("b\na\n")
    prepared = prepare(raw, tmp_path / "prepared")
    assert prepared.names == ("a", "b", "c", "d")
    assert prepared.splits == {"train": ("b", "a"), "val": ("c",), "test": ("d",)}
    assert list(pd.read_parquet(tmp_path / "prepared/shard-00000.parquet")["name"]) == ["c", "d", "b", "a"]


def test_a_split_has_the_fingerprint_of_the_same_frames_in_a_folder(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    folder = tmp_path / "files"
    with new_dataset(folder, DatasetInfo("files")) as writer:
        for split in prepared.splits:
            for sample in prepared.samples(split):
                writer.add(sample, split)
    rows = [Row(*target) for target in targets_of(prepared.folder)]
    write_points(folder / "points.csv", rows, with_area=True)
    for split in prepared.splits:
        assert fingerprint(prepared.folder, split) == fingerprint(folder, split)


def test_shards_are_cut_by_size_and_earlier_ones_stay_when_train_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "GROUP_BYTES", 1)
    monkeypatch.setattr(shards, "SHARD_BYTES", 3000)
    monkeypatch.setattr(shards, "_ROWS", 1)
    raw = build(tmp_path / "raw").folder
    prepare(raw, tmp_path / "before")
    for part in ("images", "masks"):
        (raw / part / "0.png").write_bytes((raw / part / "a.png").read_bytes())
    (raw / "splits/train.txt").write_text("a\nb\n0\n")
    prepared = prepare(raw, tmp_path / "after")
    before, after = ([path.read_bytes() for path in find_shards(tmp_path / name)] for name in ("before", "after"))
    assert (len(before), len(after)) == (2, 2)  # of val and test, then of train
    assert after[0] == before[0]
    assert after[1] != before[1]
    for name, expected in (samples() | {"0": samples()["a"]}).items():
        np.testing.assert_array_equal(prepared.sample(name).frame, to_8bit(expected.frame))


def test_damaged_shards_and_missing_frames(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    with pytest.raises(UnknownNameError, match="'dev'"):
        prepared.split("dev")
    with pytest.raises(DataError, match="no frame 'nobody'"):
        prepared.sample("nobody")
    path = tmp_path / "prepared/shard-00000.parquet"
    whole = path.read_bytes()
    pixels = whole.index(encode_png(samples()["a"].frame, "a"))
    path.write_bytes(whole[: pixels + 100] + b"\0\0" + whole[pixels + 102 :])
    with pytest.raises(DataError, match=r"shard-00000\.parquet: is damaged"):
        list(PreparedDataset.open(tmp_path / "prepared").split("train"))
    path.write_bytes(whole[:-10])
    with pytest.raises(DataError, match=r"shard-00000\.parquet: is damaged"):
        PreparedDataset.open(tmp_path / "prepared")
    pd.DataFrame({"name": ["a"]}).to_parquet(path)
    with pytest.raises(DataError, match=r"shard-00000\.parquet: is no shard"):
        PreparedDataset.open(tmp_path / "prepared")
    path.unlink()
    with pytest.raises(DataError, match="no shards"):
        PreparedDataset.open(tmp_path / "prepared")


def test_a_folder_of_an_older_version_is_made_again(raw: Path) -> None:
    with pytest.raises(DataError, match="`dvc repro prepare`"):
        PreparedDataset.open(raw)


def test_raw_and_prepared_datasets_open_alike(raw: Path, tmp_path: Path) -> None:
    prepare(raw, tmp_path / "prepared")
    opened = [open_dataset(folder) for folder in (raw, tmp_path / "prepared")]
    assert [type(dataset) for dataset in opened] == [CanonicalDataset, PreparedDataset]
    for ours, theirs in zip(*(dataset.samples("train") for dataset in opened), strict=True):
        assert ours.name == theirs.name
        np.testing.assert_array_equal(ours.points, theirs.points)


def test_a_dataset_can_be_sent_to_another_process(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    sent = pickle.loads(pickle.dumps(prepared))  # noqa: S301 - our own bytes
    np.testing.assert_array_equal(sent.sample("b").frame, prepared.sample("b").frame)


def test_deep_frames_keep_their_depth_and_others_have_the_bytes_of_8_bit(raw: Path, tmp_path: Path) -> None:
    sky = faint_sky()
    write_png(raw / "images/a.png", sky.deep[:24, :32])
    prepared = prepare(raw, tmp_path / "prepared", RESPONSES["prps"])
    frames = {sample.name: sample for sample in prepared.split("train", "prps")}
    np.testing.assert_array_equal(frames["a"].frame, sky.deep[:24, :32])
    assert frames["b"].frame.dtype == np.uint8
    placement = place_square(24, 32, SIZE)
    drawn = RESPONSES["prps"](placement.warp(map_deep(sky.deep[:24, :32])), placement.to_input(frames["a"].points))
    assert frames["a"].response is not None
    np.testing.assert_array_equal(frames["a"].response.values, drawn)
