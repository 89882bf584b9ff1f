"""The forms of a request, and the error line of each faulty one."""

import base64
import struct
import zlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from irstd.errors import DataError
from irstd.frames import Frame
from irstd.tracking.payload import frames_of

GREY: Frame = np.arange(80, dtype=np.uint8).reshape(8, 10)


def encoded(image: Any, kind: str = ".png") -> str:
    return base64.b64encode(cv2.imencode(kind, image)[1].tobytes()).decode()


def one(item: object) -> Frame:
    (frame,) = frames_of([item])
    return frame


@pytest.mark.parametrize("kind", [".png", ".tiff"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_files_come_as_they_are(kind: str, dtype: type[Any]) -> None:
    sent: Any = GREY.astype(dtype)
    found = one(encoded(sent, kind))
    assert found.dtype == dtype
    assert np.array_equal(found, sent)
    assert np.array_equal(one({"image": encoded(sent, kind)}), sent)


def test_colours_are_rgb_and_an_opaque_alpha_is_dropped() -> None:
    rgba = np.dstack([GREY, GREY + 1, GREY + 2, np.full_like(GREY, 255)])  # OpenCV's order is BGR
    assert np.array_equal(one(encoded(rgba)), np.dstack([GREY + 2, GREY + 1, GREY]))
    assert np.array_equal(one(np.dstack([GREY] * 3).tolist()), np.dstack([GREY] * 3))


def test_an_alpha_of_several_levels_is_refused_as_in_files() -> None:
    with pytest.raises(DataError, match=r"^frame 0: "):
        one(encoded(np.dstack([GREY, GREY, GREY, GREY])))


def test_levels_are_8_bit_unless_they_are_larger_or_said_to_be() -> None:
    assert one(GREY.tolist()).dtype == np.uint8
    large = (GREY.astype(np.uint16) * 4).tolist()
    assert one(large).dtype == np.uint16
    assert one({"image": GREY.tolist(), "bits": 16}).dtype == np.uint16
    assert one(GREY.astype(np.uint16)).dtype == np.uint16
    assert one(GREY).dtype == np.uint8


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (None, "frame 0: must be base64 of a PNG or TIFF, whole numbers as (H, W) or (H, W, 3), or {image: either of"),
        ({"pixels": []}, "frame 0: must be base64 of a PNG or TIFF"),
        ("§", "frame 0: is no base64 (string argument should contain only ASCII characters)"),
        ("", "frame 0: 0 bytes that are no image that can be read; send a PNG or TIFF file"),
        (base64.b64encode(b"nothing").decode(), "frame 0: 7 bytes that are no image that can be read"),
        (encoded(GREY.astype(np.float32), ".tiff"), "frame 0: pixels are float32; frames are 8- or 16-bit"),
        ([[1, 2], [3]], "frame 0: rows differ in length; levels are (H, W) or (H, W, 3)"),
        ([1, 2, 3], "frame 0: has shape (3,); levels are (H, W) or (H, W, 3)"),
        (np.zeros((8, 8, 2), int).tolist(), "frame 0: has shape (8, 8, 2); levels are (H, W) or (H, W, 3)"),
        ([[]], "frame 0: has shape (1, 0) and holds no pixel"),
        ((GREY / 255).tolist(), "frame 0: levels are float64; they must be whole numbers of 8 or 16 bit, not scaled"),
        ((GREY > 3).tolist(), "frame 0: levels are bool; they must be whole numbers"),
        ((GREY.astype(int) - 1).tolist(), "frame 0: levels go from -1 to 78; 8 bit hold 0 to 255"),
        ((GREY.astype(int) * 1000).tolist(), "frame 0: levels go from 0 to 79000; 16 bit hold 0 to 65535"),
        ({"image": (GREY.astype(int) * 4).tolist(), "bits": 8}, "frame 0: levels go from 0 to 316; 8 bit hold 0 to"),
        ({"image": GREY.tolist(), "bits": 12}, "frame 0: bits must be 8 or 16, got 12"),
        (GREY[:7].tolist(), "frame 0: is 10 × 7 px; sides must be 8 to 8192 px"),
        (np.zeros((8, 8193), np.uint8), "frame 0: is 8193 × 8 px; sides must be 8 to 8192 px"),
    ],
)
def test_the_line_for_what_is_no_frame(item: object, line: str) -> None:
    with pytest.raises(DataError) as fault:
        one(item)
    assert str(fault.value).startswith(line)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(("items", "kind"), [("x", "str"), ([], "an empty list"), (None, "nothing"), ({}, "dict")])
def test_the_line_for_what_is_no_list(items: object, kind: str) -> None:
    with pytest.raises(DataError, match=f"^inputs must be a list of frames, .*; got {kind}$"):
        frames_of(items)


def test_the_frame_at_fault_is_named() -> None:
    with pytest.raises(DataError, match=r"^frame 1: has shape \(1,\)"):
        frames_of([GREY, [1]])


@pytest.mark.parametrize(
    "form",
    [
        lambda data: base64.encodebytes(data).decode(),
        lambda data: base64.encodebytes(data).decode().replace("\n", "\r\n"),
        lambda data: base64.urlsafe_b64encode(data).decode(),
        lambda data: base64.b64encode(data).decode().rstrip("="),
        lambda data: "data:image/png;base64," + base64.b64encode(data).decode(),
        base64.b64encode,
    ],
    ids=["lines", "CRLF", "for URLs", "no padding", "data URL", "bytes"],
)
def test_base64_comes_in_many_forms(form: Callable[[bytes], str | bytes]) -> None:
    noise: Any = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    assert np.array_equal(one(form(cv2.imencode(".png", noise)[1].tobytes())), noise)


def claims(width: int, height: int) -> str:
    """A PNG whose header claims that size."""
    data = bytearray(cv2.imencode(".png", GREY)[1].tobytes())
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(("width", "height"), [(16_000, 16_000), (8192, 8192), (2**31 - 1, 8), (4, 4)])
def test_a_size_out_of_bounds_is_refused_before_it_is_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(DataError, match=f"^frame 0: is {width} × {height} px; sides must be 8 to 8192 px"):
        one(claims(width, height))


def test_the_pixels_and_frames_of_a_request_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("irstd.tracking.payload.MOST_PIXELS_A_REQUEST", 2 * GREY.size)
    assert len(frames_of([GREY, GREY])) == 2
    for third in (GREY, encoded(GREY)):
        with pytest.raises(DataError, match=r"^frame 2: .* send fewer frames"):
            frames_of([GREY, GREY, third])
    with pytest.raises(DataError, match="257 frames"):
        frames_of([GREY] * 257)


def test_what_has_no_size_of_its_own_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
    with pytest.raises(DataError, match="no image"):
        one(base64.b64encode(b"GIF89a" + bytes(range(64))).decode())
