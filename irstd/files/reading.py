"""Text, JSON and arrays in files."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.files import parse_json, read_bytes, write_bytes


def read_text(path: Path) -> str:
    """Read the UTF-8 text in `path`, without a byte order mark.

    Raises:
        DataError: the file is missing or is no text.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DataError(f"{path}: is no UTF-8 text; save it as UTF-8") from fault


def read_lines(path: Path) -> list[str]:
    """Read the non-empty lines of a text file, stripped.

    Raises:
        DataError: the file is missing or is no text.
    """
    return [line.strip() for line in read_text(path).splitlines() if line.strip()]


def read_object(path: Path) -> dict[str, Any]:
    """Read the object in a JSON file, such as dataset.json.

    Raises:
        DataError: the file is missing, is no text, or holds no JSON object within the bounds of `parse_json`.
    """
    stored = parse_json(read_text(path), str(path))
    if not isinstance(stored, dict):
        raise DataError(f"{path}: is no JSON object; write it again or remove it")
    return stored


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write `array` to a .npy file.

    Raises:
        DataError: the folder cannot be written to.
    """
    stream = io.BytesIO()
    np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
    write_bytes(path, stream.getvalue())


def read_array(path: Path) -> NDArray[Any]:
    """Read the array in a .npy file; nothing is unpickled.

    Raises:
        DataError: the file is missing or is no array.
    """
    data = read_bytes(path)
    try:
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))
    except (ValueError, EOFError) as fault:
        raise DataError(f"{path}: is no NumPy array ({len(data)} bytes); make it again") from fault
