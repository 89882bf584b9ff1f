"""A folder of files that is written whole or not at all."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from irstd.errors import ModelError


def replace_folder(folder: Path, files: Mapping[str, bytes], known: frozenset[str]) -> None:
    """Write `files` as the whole content of `folder`; what stood there stays until the new one is complete.

    Args:
        folder: made with its parents, or replaced.
        files: content by name.
        known: the names that such a folder may hold; one that holds anything else is left alone.

    Raises:
        ModelError: the folder is not ours to replace, or cannot be written.
    """
    folder = folder.absolute()
    try:
        _refuse_strangers(folder, known)
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
        try:
            _write(fresh, files)
            _exchange(folder, fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as fault:
        raise ModelError(f"{folder}: cannot be written ({fault.strerror}); choose a folder you may write to") from fault


def _refuse_strangers(folder: Path, known: frozenset[str]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelError(f"{folder}: is a file; a model bundle is a folder, choose another name")
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if strangers:
        raise ModelError(f"{folder}: holds {strangers[0]}, which is no part of a model bundle; choose another folder")


def _write(fresh: Path, files: Mapping[str, bytes]) -> None:
    shutil.rmtree(fresh, ignore_errors=True)  # what a killed process of the same number may have left
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)


def _exchange(folder: Path, fresh: Path) -> None:
    """Put `fresh` in the place of `folder`; if that fails, `folder` is back where it was."""
    if not folder.exists():
        fresh.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
