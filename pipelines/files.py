"""Stage outputs as files: complete or not at all, the same content always the same bytes."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from irstd.errors import DataError


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` under a temporary name, then rename.

    Raises:
        DataError: the folder cannot be written to.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as fault:
        raise DataError(f"{path}: cannot be written ({fault.strerror}); free the disk or mend the rights") from fault


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` with sorted keys; floats keep nine digits, more than any machine repeats."""
    write_text(path, json.dumps(_rounded(content), sort_keys=True, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """The content of a JSON file that an earlier stage wrote.

    Raises:
        DataError: it is missing or is no JSON; says which command makes it.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DataError(f"{path}: cannot be read ({fault}); `dvc repro` makes it") from fault
    return content


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files under a temporary name, then put it in the place of the old one.

    Raises:
        DataError: the folder cannot be written to; the old one is as it was.
    """
    unfinished, old = (path.with_name(f".{path.name}.{kind}.{os.getpid()}") for kind in ("new", "old"))
    try:
        unfinished.mkdir(parents=True)
        for name, content in files.items():
            (unfinished / name).write_bytes(content)
        if path.exists():
            path.rename(old)
        unfinished.rename(path)
    except OSError as fault:
        if old.exists() and not path.exists():
            old.rename(path)
        raise DataError(f"{path}: cannot be written ({fault.strerror}); free the disk or mend the rights") from fault
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {str(key): _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
