"""Reading and writing of frames."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.frames import read_image, read_mask, write_png

rng = np.random.default_rng


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_what_is_written_is_read(tmp_path: Path, shape: tuple[int, ...], depth: type[np.uint8]) -> None:
    frame = rng(0).integers(0, np.iinfo(depth).max, shape, dtype=depth)
    write_png(tmp_path / "frame.png", frame)
    again = read_image(tmp_path / "frame.png")
    assert again.dtype == depth
    assert np.array_equal(again, frame)
    assert [path.name for path in tmp_path.iterdir()] == ["frame.png"]


def test_channels_come_in_rgb_order_without_alpha(tmp_path: Path) -> None:
    stored = np.zeros((2, 2, 4), dtype=np.uint8)
    stored[..., 0], stored[..., 1], stored[..., 2], stored[..., 3] = 10, 20, 30, 255  # OpenCV: blue, green, red, alpha
    (tmp_path / "a.png").write_bytes(encoded(stored))
    assert read_image(tmp_path / "a.png")[0, 0].tolist() == [30, 20, 10]


def test_any_nonzero_mask_pixel_is_target_and_alpha_is_not(tmp_path: Path) -> None:
    stored = np.zeros((2, 3, 4), dtype=np.uint8)
    stored[..., 3] = 255
    stored[0, 1, 2] = 1
    (tmp_path / "a.png").write_bytes(encoded(stored))
    assert np.argwhere(read_mask(tmp_path / "a.png")).tolist() == [[0, 1]]


def test_a_path_may_be_text(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.full((3, 4), 9, dtype=np.uint8))
    assert read_image(str(tmp_path / "a.png")).shape == (3, 4)
    assert read_mask(str(tmp_path / "a.png")).all()


def test_a_missing_file(tmp_path: Path) -> None:
    for read in (read_image, read_mask):
        with pytest.raises(DataError, match=r"none\.png: cannot be read \(No such file or directory\)"):
            read(tmp_path / "none.png")


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_image(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.png: no image that OpenCV can read \({len(content)} bytes\)"):
        read_image(tmp_path / "a.png")


def test_a_depth_that_is_no_frames(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.tiff"), np.zeros((4, 4), dtype=np.float32))
    with pytest.raises(DataError, match=r"a\.tiff: pixels are float32; frames are 8- or 16-bit"):
        read_image(tmp_path / "a.tiff")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be written \(No such file or directory\)"):
        write_png(tmp_path / "none" / "a.png", np.zeros((2, 2), dtype=np.uint8))


def encoded(image: NDArray[np.uint8]) -> bytes:
    return bytes(cv2.imencode(".png", image)[1].tobytes())


def test_a_picture_too_large_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    write_png(path, np.zeros((8, 8), np.uint8))
    stored = path.read_bytes()
    path.write_bytes(stored[:16] + (20_000).to_bytes(4, "big") * 2 + stored[24:])  # of which no pixel is there
    with pytest.raises(DataError, match=r"large\.png: is 20000×20000 px"):
        read_image(path)
    with pytest.raises(DataError, match=r"large\.png: is 20000×20000 px"):
        read_mask(path)
