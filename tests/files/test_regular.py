"""Only regular files are read, and nothing is waited for."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from irstd.errors import DataError
from irstd.files import read_bytes


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # a socket's path is short


MAKERS: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "socket": listening,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "missing": lambda path: None,
    "loop": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_no_regular_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    MAKERS[kind](tmp_path / "x")
    with pytest.raises(DataError, match=str(tmp_path / "x")):
        read_bytes(tmp_path / "x")


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="name"):
        read_bytes(tmp_path / "a\0b")


def test_links_are_followed_and_the_whole_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to("a")
    assert read_bytes(tmp_path / "b", most=5) == b"12345"
    with pytest.raises(DataError, match="longer"):
        read_bytes(tmp_path / "b", most=4)
