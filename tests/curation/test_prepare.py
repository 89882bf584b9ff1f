"""The prepared dataset."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import irstd.frames.read
from irstd.curation.audit.audit import audit_frames
from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.stored import Stored
from irstd.curation.prepare import MakeResponse, PreparedWriter
from irstd.curation.sheet import GAP_PX, TILE_PX, Line, heading
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.points_csv import Row, as_stored, read_points, write_points
from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError, UnknownNameError
from irstd.frames import map_deep, place_square, read_image, to_8bit, write_png
from irstd.frames.header import Header
from irstd.labels.response import RESPONSES
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS, Fault
from tests.datasets.build import SPLIT_OF, build, samples, small_response
from tests.frames.skies import faint_sky

SIZE = 64


def prepare(raw: Path, folder: Path, make_response: MakeResponse = small_response) -> PreparedDataset:
    stored = Stored.of(raw)
    writer = PreparedWriter(folder, stored.splits, SIZE, make_response)
    look_at_frames(stored, take=writer.add)
    writer.write_points()
    writer.write_splits()
    writer.write_preview(folder, folder.name)
    return PreparedDataset.open(folder)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return build(tmp_path / "raw").folder


def test_frames_are_8_bit_with_their_labels(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    train = prepared.split("train")
    assert [sample.name for sample in train] == ["a", "b"]
    for sample in train + prepared.split("val") + prepared.split("test"):
        expected = samples()[sample.name]
        np.testing.assert_array_equal(sample.frame, to_8bit(expected.frame))
        np.testing.assert_array_equal(sample.mask, expected.mask)
        np.testing.assert_allclose(sample.points, expected.points)
        assert sample.response is None


def test_table_of_points(raw: Path, tmp_path: Path) -> None:
    prepare(raw, tmp_path / "prepared")
    assert (tmp_path / "prepared/points.csv").read_text() == (
        "frame,x,y,area_px\na,5.0000,7.0000,9\na,20.5000,10.5000,4\nb,10.0000,10.0000,1\nc,1.0000,1.0000,9\n"
    )


def test_area_is_that_of_the_nearest_component(raw: Path, tmp_path: Path) -> None:
    (raw / "points.csv").write_text("frame,x,y\na,17.5,10.5\na,8,7\nd,3,3\n")
    prepare(raw, tmp_path / "prepared")
    assert (tmp_path / "prepared/points.csv").read_text().split()[1:] == [
        "a,17.5000,10.5000,4",
        "a,8.0000,7.0000,9",
        "d,3.0000,3.0000,",
    ]


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
    audit = audit_frames(stored, look_at_frames(stored, take=writer.add))
    writer.write_preview(tmp_path / "prepared", "prepared")
    assert audit.errors == ()
    assert decoded == {f"{part}/{name}.png": 1 for part in ("images", "masks") for name in SPLIT_OF}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_frames_that_the_writer_misses_are_errors_of_the_audit(tmp_path: Path, fault: Fault) -> None:
    folder = sound(tmp_path / "set", with_points=fault.with_points)
    fault.make(folder)
    stored, taken = Stored.of(folder), list[str]()
    audit = audit_frames(stored, look_at_frames(stored, take=lambda sample: taken.append(sample.name)))
    assert audit.errors or sorted(taken) == list(stored.frames)


def test_points_alone(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw", with_points=True, with_masks=False).folder
    prepared = prepare(raw, tmp_path / "prepared")
    assert prepared.split("train")[0].mask is None
    assert "a,5.0000,7.0000,\n" in (tmp_path / "prepared/points.csv").read_text()


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
    with pytest.raises(DataError, match="frame 'a'"):
        prepare(raw, tmp_path / "prepared", lambda levels, points: bad.astype(np.float32))


def test_missing_and_broken_responses(raw: Path, tmp_path: Path) -> None:
    prepared = prepare(raw, tmp_path / "prepared")
    path = tmp_path / "prepared/responses/b.npy"
    path.write_bytes(b"\x80\x04no array")
    with pytest.raises(DataError, match=r"b\.npy"):
        prepared.response("b")
    path.unlink()
    with pytest.raises(DataError, match="frame 'b'"):
        PreparedDataset.open(tmp_path / "prepared")
    with pytest.raises(UnknownNameError, match="'dev'"):
        prepared.split("dev")


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
