"""The size that a header says is the one that OpenCV decodes."""

import struct
from typing import Any

import cv2
import numpy as np
import pytest

from irstd.frames.header import read_header


def encoded(kind: str, image: Any, *options: int) -> bytes:
    return cv2.imencode(kind, image, options)[1].tobytes()


@pytest.mark.parametrize("kind", [".png", ".tiff", ".jpg", ".bmp", ".pgm"])
@pytest.mark.parametrize("size", [(10, 9), (300, 70)])
def test_it_is_the_decoded_size(kind: str, size: tuple[int, int]) -> None:
    assert read_header(encoded(kind, np.zeros(size[::-1], np.uint8))).size == size


def test_colours_depth_and_progressive_files() -> None:
    deep = np.zeros((9, 10, 4), np.uint16)
    assert {read_header(encoded(kind, deep)).size for kind in (".png", ".tiff")} == {(10, 9)}
    assert read_header(encoded(".jpg", np.zeros((9, 10, 3), np.uint8), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)).size == (10, 9)


def test_a_big_endian_tiff_with_a_tag_twice_has_the_larger_size() -> None:
    tags = [(256, 3, 1, 10 << 16), (256, 3, 1, 30 << 16), (257, 4, 1, 70_000)]
    entries = b"".join(struct.pack(">HHII", *tag) for tag in tags)
    assert read_header(b"MM\0*" + struct.pack(">IH", 8, 3) + entries).size == (30, 70_000)


def test_a_comment_in_a_pgm() -> None:
    assert read_header(b"P5 # made by 7 7\n 10\n9 255\n" + bytes(90)).size == (10, 9)


@pytest.mark.parametrize("kind", [".png", ".tiff", ".jpg", ".bmp", ".pgm"])
def test_a_file_cut_short_has_no_size_or_its_own(kind: str) -> None:
    data = encoded(kind, np.zeros((9, 10), np.uint8))
    for length in range(0, min(len(data), 700)):
        assert read_header(data[:length]).size in (None, (10, 9), (1, 9), (10, 0), (10, 9))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"II*\0", b"II*\0" + b"\xff" * 20, b"BM", b"P5 9", b"GIF89a" * 9])
def test_what_is_no_picture_has_none(data: bytes) -> None:
    assert read_header(data).size is None
