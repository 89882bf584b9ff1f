"""Files that hold more than their decoded pixels tell: each is read right or refused in one line."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.frames import read_image, read_mask, read_mask_levels
from irstd.frames.header import read_header

GREY = (np.arange(24, dtype=np.uint8) * 10).reshape(4, 6)
MASK = np.where(GREY > 100, np.uint8(255), np.uint8(0))
Tags = dict[int, int]


def encoded(suffix: str, image: NDArray[np.uint8] = GREY) -> bytes:
    return bytes(cv2.imencode(suffix, image)[1].tobytes())


def exif(orientation: int, order: str = "<") -> bytes:
    """A TIFF of one directory with one tag."""
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return start + struct.pack(order + "HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)


def jpeg(segment: bytes, marker: int = 0xE1) -> bytes:
    data = encoded(".jpg")
    return data[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(segment) + 2) + segment + data[2:]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(*chunks: bytes) -> bytes:
    data = encoded(".png")
    return data[:33] + b"".join(chunks) + data[33:]


def palette_png(indices: NDArray[np.uint8], colours: list[tuple[int, int, int]]) -> bytes:
    height, width = indices.shape
    lines = b"".join(b"\0" + row.tobytes() for row in indices)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"PLTE", bytes(sum(colours, ()))), chunk(b"IDAT", zlib.compress(lines)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def tiff(pixels: NDArray[np.uint8] | NDArray[np.uint16] = GREY, *pages: Tags, **first: int) -> bytes:
    """An uncompressed TIFF of `pixels`; further `pages` repeat them with other tags. `first`: tags by t + number."""
    height, width = pixels.shape[:2]
    samples, data = pixels.size // (height * width), pixels.tobytes()
    tags = {256: width, 257: height, 258: 8 * pixels.itemsize, 259: 1, 262: 1, 273: 8, 277: samples, 278: height}
    tags[279] = len(data)
    found, at = b"", 8 + len(data)
    directories = [{int(name[1:]): value for name, value in first.items()}, *pages]
    for number, own in enumerate(directories):
        entries = sorted({**tags, **own}.items())
        found += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", t, 4, 1, v) for t, v in entries)
        at += 6 + 12 * len(entries)
        found += struct.pack("<I", at if number + 1 < len(directories) else 0)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + found


def alpha(levels: NDArray[np.uint8]) -> bytes:
    return encoded(".png", np.dstack([GREY, GREY, GREY, levels]))


REFUSED: dict[str, tuple[str, bytes]] = {
    "turned JPEG": ("a.jpg", jpeg(b"Exif\0\0" + exif(6))),
    "turned JPEG, the other byte order": ("a.jpg", jpeg(b"Exif\0\0" + exif(3, ">"))),
    "turned PNG": ("a.png", png(chunk(b"eXIf", exif(8)))),
    "turned TIFF": ("a.tif", tiff(t274=3)),
    "two pages": ("a.tif", tiff(GREY, {})),
    "animated PNG": ("a.png", png(chunk(b"acTL", struct.pack(">II", 2, 0)))),
    "JPEG of two pictures": ("a.jpg", jpeg(b"MPF\0more", 0xE2)),
    "JPEG before counts": ("a.jpg", jpeg(b"FLIR\0\1counts")),
    "GIF": ("a.png", encoded(".gif", np.dstack([GREY] * 3))),
    "WebP": ("a.png", encoded(".webp", np.dstack([GREY] * 3))),
    "an alpha of several levels": ("a.png", alpha(MASK)),
    "grey and alpha in a TIFF": ("a.tif", tiff(np.dstack([GREY, GREY]), t338=2)),
    "16 bit whose zero is white": ("a.tif", tiff(GREY.astype(np.uint16), t262=0)),
}
REFUSED_FRAMES = {"false colours": ("a.png", palette_png(GREY % 2, [(0, 0, 90), (255, 200, 0)]))}
REFUSED_MASKS = {
    "JPEG": ("a.png", encoded(".jpg", MASK)),
    "JPEG in a TIFF": ("a.tif", tiff(MASK, t259=7)),
    "a palette of white before black": ("a.png", palette_png(MASK // 255, [(255, 255, 255), (0, 0, 0)])),
    "a palette of black alone": ("a.png", palette_png(MASK // 255, [(0, 0, 0), (0, 0, 0)])),
}


def refused(read: Callable[[Path], object], folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(folder / name)
    text = str(caught.value)
    assert text.startswith(f"{folder / name}: ")
    assert "\n" not in text
    assert len(text.removeprefix(str(folder))) < 200


@pytest.mark.parametrize("case", [*REFUSED.values(), *REFUSED_FRAMES.values()], ids=[*REFUSED, *REFUSED_FRAMES])
def test_frames_that_are_refused(tmp_path: Path, case: tuple[str, bytes]) -> None:
    refused(read_image, tmp_path, *case)


@pytest.mark.parametrize("case", [*REFUSED.values(), *REFUSED_MASKS.values()], ids=[*REFUSED, *REFUSED_MASKS])
def test_masks_that_are_refused(tmp_path: Path, case: tuple[str, bytes]) -> None:
    refused(read_mask, tmp_path, *case)


READ: dict[str, tuple[str, bytes]] = {
    "upright JPEG": ("a.jpg", jpeg(b"Exif\0\0" + exif(1))),
    "upright PNG": ("a.png", png(chunk(b"eXIf", exif(1)))),
    "a PNG with one frame of animation": ("a.png", png(chunk(b"acTL", struct.pack(">II", 1, 0)))),
    "a TIFF with a smaller copy": ("a.tif", tiff(GREY, {254: 1})),
    "8 bit whose zero is white": ("a.tif", tiff(255 - GREY, t262=0)),
    "an opaque alpha": ("a.png", alpha(np.full_like(GREY, 255))),
    "a palette of grey": ("a.png", palette_png(GREY, [(level, level, level) for level in range(256)])),
    "PGM": ("a.pgm", encoded(".pgm")),
    "BMP": ("a.bmp", encoded(".bmp")),
}


@pytest.mark.parametrize("case", READ.values(), ids=list(READ))
def test_frames_that_are_read_right(tmp_path: Path, case: tuple[str, bytes]) -> None:
    name, content = case
    (tmp_path / name).write_bytes(content)
    frame = read_image(tmp_path / name)
    grey = frame if frame.ndim == 2 else frame[..., 0]
    np.testing.assert_allclose(grey, GREY, atol=3 if name.endswith("jpg") else 0)


def test_masks_by_the_colours_of_a_palette(tmp_path: Path) -> None:
    colours = [(0, 0, 0), (128, 0, 0)]
    (tmp_path / "a.png").write_bytes(palette_png(MASK // 255, colours))
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png"), MASK > 0)
    assert read_mask_levels(tmp_path / "a.png").shape == (4, 6, 3)
    (tmp_path / "b.png").write_bytes(palette_png(np.zeros_like(GREY), colours[:1]))
    assert not read_mask(tmp_path / "b.png").any()


@pytest.mark.parametrize("content", [jpeg(b"Exif\0\0" + exif(6)), png(chunk(b"eXIf", exif(6))), tiff(GREY, {}, {})])
def test_headers_that_are_cut_or_changed_end(content: bytes) -> None:
    for length in range(len(content)):
        read_header(content[:length])
    rng = np.random.default_rng(0)
    for _ in range(300):
        changed = bytearray(content)
        for at in rng.integers(len(content), size=4):
            changed[at] = int(rng.integers(256))
        read_header(bytes(changed))


def test_a_directory_that_names_itself_as_the_next_ends() -> None:
    looped = exif(1)[:-4] + struct.pack("<I", 8)
    assert read_header(looped).pictures


def test_a_large_tiff_has_wider_numbers() -> None:
    entry = struct.pack("<HHQQ", 274, 3, 1, 6)
    assert read_header(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1) + entry + bytes(8)).turned
