"""The files of a bundle: read from a folder, identified by their hash, replaced as a whole. It needs no torch."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from irstd.errors import DataError, ModelError
from irstd.files import read_bytes, write_folder
from irstd.models.record import MOST_RECORD, RECORD, read_record

WEIGHTS = "weights.safetensors"
_MOST_BYTES = {RECORD: MOST_RECORD, WEIGHTS: 1 << 30}


def read_bundle(folder: Path) -> dict[str, bytes]:
    """Read the files of the bundle in `folder`, by name.

    Raises:
        ModelError: there is no such folder, or a file cannot be read, is too long or is no regular file.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; give the folder of a model bundle")
    files = {}
    for name, most in sorted(_MOST_BYTES.items()):
        try:
            if name == RECORD or (folder / name).exists():
                files[name] = read_bytes(folder / name, most)
        except (DataError, OSError) as fault:
            raise ModelError(f"{fault}; the bundle is incomplete") from fault
    return files


def files_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256, in hex, that identifies a bundle by the content of its files."""
    whole = hashlib.sha256(files[RECORD])
    if WEIGHTS in files:
        whole.update(hashlib.sha256(files[WEIGHTS]).digest())
    return whole.hexdigest()


def bundle_hash(folder: Path) -> str:
    """Return `files_hash` of the bundle in `folder`; the same wherever the folder lies.

    Raises:
        ModelError: there is no bundle.
    """
    return files_hash(read_bundle(folder))


def missing_files(files: Mapping[str, bytes]) -> list[str]:
    """Return the names of files that a bundle lacks, by its record."""
    try:
        needs_weights = read_record(files, "bundle")["weights"] is not None
    except ModelError:
        return []
    return [WEIGHTS] if needs_weights and WEIGHTS not in files else []


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `files` the whole content of `folder`; the old content stays until the new one is complete.

    A folder that holds anything but the files of a bundle is left alone.

    Raises:
        ModelError: `folder` is a file, or holds something else.
        DataError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise ModelError(f"{folder}: is a file; a model bundle is a folder, choose another name")
    others = sorted({path.name for path in folder.iterdir()} - set(_MOST_BYTES)) if folder.exists() else []
    if others:
        raise ModelError(f"{folder}: holds {others[0]}, which is no part of a model bundle; choose another folder")
    write_folder(folder, files)
