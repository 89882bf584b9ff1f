"""Arrays in files: what their header says is not taken on trust."""

from pathlib import Path

import numpy as np
import pytest

from irstd.errors import DataError
from irstd.files.reading import read_array, write_array


def headed(header: str) -> bytes:
    """A .npy file of that header, and 64 bytes."""
    return b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header.encode() + bytes(64)


def shaped(shape: str, kind: str = "<f8") -> bytes:
    return headed(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n")


HOSTILE = {
    "huge": shaped("(1000000000000,)"),
    "negative": shaped("(-5,)"),
    "beyond 64 bit": shaped(f"({'9' * 30},)"),
    "thousands of digits": shaped(f"({'9' * 5000},)"),
    "no bytes an element": shaped("(1000000, 1000000, 3)", "|V0"),
    "objects": shaped("(5,)", "|O"),
    "infinite": shaped("(1e999,)"),
    "deep": headed("(" * 9000),
    "deep and closed": headed("(" * 3000 + ")" * 3000),
    "a call": headed("exit()"),
    "another header": headed("{'a': 1}"),
    "cut short": b"\x93NUMPY",
    "a pickle": b"\x80\x04.",
    "a broken zip": b"PK\x03\x04",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_array_is_one_line(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.npy").write_bytes(HOSTILE[kind])
    with pytest.raises(DataError, match=r"a\.npy: is no NumPy array"):
        read_array(tmp_path / "a.npy")


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3)])
def test_an_array_is_read_as_it_was_written(tmp_path: Path, shape: tuple[int, ...]) -> None:
    written = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    write_array(tmp_path / "a.npy", written)
    np.testing.assert_array_equal(read_array(tmp_path / "a.npy"), written)
