"""The folder of a bundle: ours to replace, or left alone."""

from collections.abc import Mapping
from pathlib import Path

from irstd.errors import ModelError
from irstd.files import write_folder


def replace_folder(folder: Path, files: Mapping[str, bytes], known: frozenset[str]) -> None:
    """Write `files` as the whole content of `folder`; what stood there stays until the new one is complete.

    Args:
        folder: made with its parents, or replaced.
        files: content by name.
        known: the names that such a folder may hold; one that holds anything else is left alone.

    Raises:
        ModelError: the folder is not ours to replace.
        DataError: it cannot be written.
    """
    _refuse_strangers(folder, known)
    write_folder(folder, files)


def _refuse_strangers(folder: Path, known: frozenset[str]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ModelError(f"{folder}: is a file; a model bundle is a folder, choose another name")
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if strangers:
        raise ModelError(f"{folder}: holds {strangers[0]}, which is no part of a model bundle; choose another folder")
