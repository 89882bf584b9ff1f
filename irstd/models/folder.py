"""The folder of a bundle: read, or replaced as a whole."""

from collections.abc import Collection, Mapping
from pathlib import Path

from irstd.errors import DataError, ModelError
from irstd.files import read_bytes, write_folder


def read_folder(folder: Path, names: Mapping[str, int], needed: str) -> dict[str, bytes]:
    """Read those of the files `names` that are in `folder`; `needed` is one of them and must be there.

    Args:
        folder: the folder.
        names: the most bytes that are read of each file, by name.
        needed: the file that must be there.

    Raises:
        ModelError: there is no such folder, or a file cannot be read, is longer or is no regular file.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; give the folder of a model bundle")
    files = {}
    for name in sorted(names):
        try:
            if name == needed or (folder / name).exists():
                files[name] = read_bytes(folder / name, names[name])
        except (DataError, OSError) as fault:
            raise ModelError(f"{fault}; the bundle is incomplete") from fault
    return files


def replace_folder(folder: Path, files: Mapping[str, bytes], names: Collection[str]) -> None:
    """Make `files` the whole content of `folder`; the old content stays until the new one is complete.

    A folder that holds anything but files called `names` is left alone.

    Raises:
        ModelError: `folder` is a file, or holds something else.
        DataError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder}: is a file; a model bundle is a folder, choose another name")
    others = sorted({path.name for path in folder.iterdir()} - set(names)) if folder.exists() else []
    if others:
        raise ModelError(f"{folder}: holds {others[0]}, which is no part of a model bundle; choose another folder")
    write_folder(folder, files)
