"""JSON between stages: the same content gives the same bytes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irstd.errors import DataError
from irstd.files import make_folder, write_text
from irstd.files.reading import read_object


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` with sorted keys; floats keep nine digits. Parents are created.

    Raises:
        DataError: the folder cannot be written to.
    """
    make_folder(path.parent)
    write_text(path, json.dumps(_rounded(content), sort_keys=True, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read the object in a JSON file that an earlier stage wrote.

    Raises:
        DataError: it is missing or holds no JSON object; says which command makes it.
    """
    try:
        return read_object(path)
    except DataError as fault:
        raise DataError(f"{fault}; `dvc repro` makes it") from fault


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {str(key): _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
