import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.errors import DataError, ScoreError
from irstd.evaluation.external.responses import find_responses, read_response
from irstd.files.reading import write_array
from irstd.frames import Frame, write_png
from irstd.metrics.thresholds import LEVELS, levels

RAMP = np.arange(LEVELS + 1, dtype=np.uint8).reshape(16, 16)
WIDE: Frame = (RAMP.astype(np.uint16) * 257).astype(np.uint16)
EXACT = RAMP.astype(np.float32) / np.float32(255)


def stored(folder: Path, array: NDArray[Any]) -> Path:
    write_array(folder / "f.npy", array)
    return folder / "f.npy"


@pytest.mark.parametrize("image", [RAMP, WIDE, np.stack([RAMP] * 3, axis=2)], ids=["8 bit", "16 bit", "three channels"])
def test_images_are_shares_of_their_full_range(tmp_path: Path, image: Frame) -> None:
    write_png(tmp_path / "f.png", image)
    response = read_response(tmp_path / "f.png", (16, 16))
    assert response.dtype == np.float32
    np.testing.assert_array_equal(response, EXACT)
    np.testing.assert_array_equal(levels(response), RAMP)  # level k reaches the threshold k/255 and not the next


def test_tif_of_16_bit(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "f.tif"), WIDE)
    np.testing.assert_array_equal(read_response(tmp_path / "f.tif", (16, 16)), EXACT)


@pytest.mark.parametrize("name", ["f.tif", "f.TIFF"])
@pytest.mark.parametrize("array", [EXACT, EXACT.astype(np.float64), np.dstack([EXACT] * 3)], ids=["32", "64", "three"])
def test_tif_of_floats_is_taken_as_it_is(tmp_path: Path, name: str, array: NDArray[Any]) -> None:
    encoded, data = cv2.imencode(".tif", array)
    assert encoded
    (tmp_path / name).write_bytes(data.tobytes())
    np.testing.assert_array_equal(read_response(tmp_path / name, (16, 16)), EXACT)


def test_faulty_tifs_are_named(tmp_path: Path) -> None:
    for name, array in (("nan", with_nan()), ("high", EXACT * 2), ("small", EXACT[:9])):
        assert cv2.imwrite(str(tmp_path / f"{name}.tif"), array)
    for name, message in (("nan", "holds 2 NaN"), ("high", "reaches from 0 to 2"), ("small", "is 16×9 px, its truth")):
        with pytest.raises(ScoreError, match=rf"{name}\.tif: {message}"):
            read_response(tmp_path / f"{name}.tif", (16, 16))
    (tmp_path / "broken.tif").write_bytes(b"no image")
    (tmp_path / "empty.tif").write_bytes(b"")
    for name, message in (("broken", "no image that OpenCV can read"), ("empty", "no image"), ("absent", "cannot be")):
        with pytest.raises(DataError, match=rf"{name}\.tif: {message}"):
            read_response(tmp_path / f"{name}.tif", (16, 16))


@pytest.mark.parametrize(
    "array",
    [RAMP, WIDE, EXACT, EXACT.astype(np.float64), EXACT[None], EXACT[None, None], EXACT[..., None]],
    ids=["uint8", "uint16", "float32", "float64", "1HW", "11HW", "HW1"],
)
def test_arrays(tmp_path: Path, array: NDArray[Any]) -> None:
    np.testing.assert_array_equal(read_response(stored(tmp_path, array), (16, 16)), EXACT)


def test_bool_is_0_and_1(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_response(stored(tmp_path, RAMP > 9), (16, 16)), (RAMP > 9).astype(np.float32))


def with_nan() -> NDArray[np.float32]:
    array = EXACT.copy()
    array[3, :2] = np.nan
    return array


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (with_nan(), "holds 2 NaN; every pixel needs a number"),
        (EXACT * 2, r"reaches from 0 to 2; a response lies in \[0, 1\], clip or rescale it"),
        (EXACT - 0.25, r"reaches from -0\.25 to 0\.75"),
        (EXACT + np.inf, "reaches from 0 to inf"),
        (EXACT[:, :5], "is 5×16 px, its truth 16×16 px; bring it to the frame's native size"),
        (RAMP.astype(np.int64), r"holds int64; needed are floats in \[0, 1\], uint8, uint16 or bool"),
        (EXACT.astype(str), "holds <U"),
        (np.stack([EXACT, EXACT, EXACT * 0.5], axis=2), "its three channels differ"),
        (np.stack([EXACT, EXACT]), r"has shape \(2, 16, 16\); a response is \(H, W\)"),
        (EXACT[0], r"has shape \(16,\)"),
    ],
)
def test_what_is_no_response_is_named(tmp_path: Path, array: NDArray[Any], message: str) -> None:
    with pytest.raises(ScoreError, match=rf"f\.npy: {message}") as fault:
        read_response(stored(tmp_path, array), (16, 16))
    assert str(fault.value).startswith(str(tmp_path))


def test_unequal_channels_of_an_image(tmp_path: Path) -> None:
    write_png(tmp_path / "f.png", np.stack([RAMP, RAMP, RAMP.T], axis=2))
    with pytest.raises(ScoreError, match=r"f\.png: its three channels differ; .* store one channel"):
        read_response(tmp_path / "f.png", (16, 16))


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "f.npy").write_bytes(stream.getvalue())
    with pytest.raises(DataError, match=r"f\.npy: is no NumPy array"):
        read_response(tmp_path / "f.npy", (16, 16))


def test_a_broken_image(tmp_path: Path) -> None:
    (tmp_path / "f.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"f\.png: no image that OpenCV can read"):
        read_response(tmp_path / "f.png", (16, 16))


def test_files_that_are_responses(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.npy", "c.tiff", ".hidden.png", "notes.txt", "a.jpg"):
        (tmp_path / name).write_text("")
    assert list(find_responses(tmp_path)) == ["a.npy", "b.PNG", "c.tiff"]


def test_a_folder_without_responses(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match=r"holds no responses; looked for \.png, \.tif, \.tiff, \.npy"):
        find_responses(tmp_path)
    with pytest.raises(ScoreError, match="absent: no such folder"):
        find_responses(tmp_path / "absent")
