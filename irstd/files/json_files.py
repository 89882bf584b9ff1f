"""JSON between stages: the same content gives the same bytes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irstd.errors import DataError
from irstd.files import make_folder, write_text


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` with sorted keys; floats keep nine digits. Parents are created.

    Raises:
        DataError: the folder cannot be written to.
    """
    make_folder(path.parent)
    write_text(path, json.dumps(_rounded(content), sort_keys=True, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file that an earlier stage wrote.

    Raises:
        DataError: it is missing or is no JSON; says which command makes it.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DataError(f"{path}: cannot be read ({fault}); `dvc repro` makes it") from fault
    return content


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {str(key): _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
