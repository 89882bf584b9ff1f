"""The prepared dataset."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.curation.prepare import prepare_frames, prepare_points, prepare_responses, prepare_splits
from irstd.curation.preview import prepare_preview
from irstd.curation.sheet import GAP_PX, TILE_PX, Line, heading
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import PreparedDataset
from irstd.errors import DataError, UnknownNameError
from irstd.frames import place_square, read_image, to_8bit
from tests.datasets.build import build, samples, small_response

SIZE = 64


def prepare(raw: CanonicalDataset, folder: Path) -> PreparedDataset:
    prepare_frames(raw, folder)
    prepare_points(raw, folder)
    prepare_responses(raw, folder, SIZE, small_response)
    prepare_splits(raw, folder)
    prepare_preview(folder, folder.name)
    return PreparedDataset.open(folder)


def test_frames_are_8_bit_with_their_labels(tmp_path: Path) -> None:
    prepared = prepare(build(tmp_path / "raw"), tmp_path / "prepared")
    train = prepared.split("train")
    assert [sample.name for sample in train] == ["a", "b"]
    for sample in train + prepared.split("val") + prepared.split("test"):
        expected = samples()[sample.name]
        np.testing.assert_array_equal(sample.frame, to_8bit(expected.frame))
        np.testing.assert_array_equal(sample.mask, expected.mask)
        np.testing.assert_allclose(sample.points, expected.points)


def test_table_of_points(tmp_path: Path) -> None:
    prepare(build(tmp_path / "raw"), tmp_path / "prepared")
    assert (tmp_path / "prepared/points.csv").read_text() == (
        "frame,x,y,area_px\na,5.0000,7.0000,9\na,20.5000,10.5000,4\nb,10.0000,10.0000,1\nc,1.0000,1.0000,9\n"
    )


def test_area_is_that_of_the_nearest_component(tmp_path: Path) -> None:
    build(tmp_path / "raw")
    (tmp_path / "raw/points.csv").write_text("frame,x,y\na,17.5,10.5\na,8,7\nd,3,3\n")
    prepare_points(CanonicalDataset.open(tmp_path / "raw"), tmp_path / "prepared")
    assert (tmp_path / "prepared/points.csv").read_text().split()[1:] == [
        "a,17.5000,10.5000,4",
        "a,8.0000,7.0000,9",
        "d,3.0000,3.0000,",
    ]


def test_responses_stand_on_the_square_input(tmp_path: Path) -> None:
    prepared = prepare(build(tmp_path / "raw"), tmp_path / "prepared")
    response = prepared.response("b")
    assert response.dtype == np.float32
    assert response.shape == (SIZE // 4, SIZE // 4)
    # 32×24 px fill the 64 px square but for 8 px above and below: (10, 10) stands at 10·63/31, 8 + 10·47/23.
    expected = np.zeros_like(response)
    expected[int((8 + 470 / 23) / 4 + 0.5), int(630 / 31 / 4 + 0.5)] = 1.0
    np.testing.assert_array_equal(response, expected)
    assert prepared.response("d").sum() == 0.0


def test_response_function_sees_the_placed_grey_frame(tmp_path: Path) -> None:
    raw, seen = build(tmp_path / "raw"), list[NDArray[np.uint8]]()

    def spy(levels: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
        seen.append(levels)
        return small_response(levels, points)

    prepare_responses(raw, tmp_path / "prepared", SIZE, spy)
    assert [levels.shape for levels in seen] == [(SIZE, SIZE)] * 4
    frame = samples()["a"].frame
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(seen[0], place_square(24, 32, SIZE).warp(to_8bit(frame)))


def test_points_alone(tmp_path: Path) -> None:
    prepared = prepare(build(tmp_path / "raw", with_points=True, with_masks=False), tmp_path / "prepared")
    assert prepared.split("train")[0].mask is None
    assert "a,5.0000,7.0000,\n" in (tmp_path / "prepared/points.csv").read_text()


def test_preview_shows_frame_and_response(tmp_path: Path) -> None:
    prepare(build(tmp_path / "raw"), tmp_path / "prepared")
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


def test_same_bytes_again_and_no_leftovers(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw", with_points=True)
    prepare(raw, tmp_path / "prepared")
    before = fingerprint(tmp_path / "prepared")
    for part in ("images/old.png", "masks/old.png", "responses/old.npy", "splits/dev.txt", "statistics.json"):
        (tmp_path / "prepared" / part).write_bytes(b"left over")
    prepare(raw, tmp_path / "prepared")
    assert fingerprint(tmp_path / "prepared") == before


def test_progress(tmp_path: Path) -> None:
    raw, steps = build(tmp_path / "raw"), list[tuple[int, int]]()
    prepare_frames(raw, tmp_path / "prepared", lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_raw_dataset_is_safe(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw")
    with pytest.raises(DataError, match="is the raw dataset itself"):
        prepare_frames(raw, tmp_path / "raw")


@pytest.mark.parametrize("size", [0, 62, -4])
def test_bad_size(tmp_path: Path, size: int) -> None:
    with pytest.raises(DataError, match=f"must be a multiple of 4 px, got {size}"):
        prepare_responses(build(tmp_path / "raw"), tmp_path / "prepared", size, small_response)


def test_bad_responses(tmp_path: Path) -> None:
    raw = build(tmp_path / "raw")
    for bad in (np.zeros((3, 3), dtype=np.float32), np.full((SIZE // 4, SIZE // 4), np.nan, dtype=np.float32)):

        def give(
            levels: NDArray[np.uint8], points: NDArray[np.float64], bad: NDArray[np.float32] = bad
        ) -> NDArray[np.float32]:
            return bad

        with pytest.raises(DataError, match="the response of frame 'a' must be finite and"):
            prepare_responses(raw, tmp_path / "prepared", SIZE, give)


def test_missing_and_broken_responses(tmp_path: Path) -> None:
    prepared = prepare(build(tmp_path / "raw"), tmp_path / "prepared")
    path = tmp_path / "prepared/responses/b.npy"
    path.write_bytes(b"\x80\x04no array")
    with pytest.raises(DataError, match=r"b.npy: is no NumPy array"):
        prepared.response("b")
    path.unlink()
    with pytest.raises(DataError, match=r"no response for frame 'b' \(1 missing\)"):
        PreparedDataset.open(tmp_path / "prepared")
    with pytest.raises(UnknownNameError, match="unknown split 'dev'"):
        prepared.split("dev")
