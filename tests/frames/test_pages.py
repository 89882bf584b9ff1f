import struct
from pathlib import Path

import numpy as np
import pytest

from irstd.errors import DataError
from irstd.frames import Frame, read_image, write_png
from irstd.frames.pages import count_pages, open_pages
from tests.frames.clips import moving, write_bare_tiff, write_stack


def deep(index: int) -> Frame:
    return (moving(index).astype(np.uint16) * 100 + index).astype(np.uint16)


@pytest.mark.parametrize("make", [moving, deep])
def test_every_page_is_read_as_it_was_written(tmp_path: Path, make: type[Frame]) -> None:
    frames = [make(index) for index in range(4)]
    with open_pages(write_stack(tmp_path / "stack.tif", frames)) as pages:
        assert len(pages) == count_pages(tmp_path / "stack.tif") == 4
        for index in (2, 0, 3, 1, 2):
            assert (pages.read(index) == frames[index]).all()
    with pytest.raises(DataError, match="more than one picture"):
        read_image(tmp_path / "stack.tif")


def test_pages_of_several_sizes_and_a_damaged_one(tmp_path: Path) -> None:
    frames = [moving(0), moving(1)[:20], deep(2)]
    path = write_stack(tmp_path / "stack.tif", frames)
    with open_pages(path) as pages:
        assert [pages.read(index).shape for index in range(3)] == [(48, 64), (20, 64), (48, 64)]
        (_, second, _) = pages.places
    content = bytearray(path.read_bytes())
    width = content.index(struct.pack("<H", 256), second + 2)  # the entry of that tag
    content[width + 8 : width + 12] = bytes(4)
    path.write_bytes(content)
    with open_pages(path) as pages:
        assert (pages.read(0) == frames[0]).all()
        with pytest.raises(DataError, match=r"stack\.tif: page 1: "):
            pages.read(1)
        assert (pages.read(2) == frames[2]).all()


def test_files_that_have_no_pages_count_as_one_picture(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", moving(0))
    (tmp_path / "a.png").rename(tmp_path / "png.tif")
    (tmp_path / "short.tif").write_bytes(b"II*\0")
    for name in ("png.tif", "short.tif", "gone.tif"):
        assert count_pages(tmp_path / name) == 1
        with pytest.raises(DataError, match=name), open_pages(tmp_path / name):
            pass


def test_directories_in_a_circle_and_beyond_the_end(tmp_path: Path) -> None:
    circle = write_bare_tiff(tmp_path / "circle.tif", [14, 20, 8])
    with pytest.raises(DataError, match=r"circle\.tif: its pages go round in a circle"), open_pages(circle):
        pass
    with open_pages(write_bare_tiff(tmp_path / "beyond.tif", [14, 1 << 31])) as pages:
        assert pages.places == (8, 14)
        with pytest.raises(DataError, match="page 0: no image"):
            pages.read(0)
