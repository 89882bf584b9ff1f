"""Files and folders that exist complete or not at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from irstd.errors import DataError
from irstd.files.disk_faults import unwritten


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents, if missing.

    Raises:
        DataError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise DataError(unwritten(folder, fault, "made")) from fault


def make_private_folder(folder: Path) -> None:
    """Create `folder` and its parents, if missing, and close it to all but its owner (mode 700).

    One of somebody else, or on a disk that is read only, stays as it is.

    Raises:
        DataError: it cannot be created.
    """
    make_folder(folder)
    with suppress(OSError):
        folder.chmod(0o700)


def require_room(folder: Path, size: int = 1 << 20) -> None:
    """Raise unless `size` bytes can be written to `folder`; asked before work that must not stop halfway.

    Raises:
        DataError: they cannot be written.
    """
    make_folder(folder)
    probe = _unfinished(folder)
    try:
        with _created(probe) as stream:
            stream.write(bytes(size))
    except OSError as fault:
        raise DataError(unwritten(folder, fault)) from fault
    finally:
        with suppress(OSError):
            probe.unlink()


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream under a temporary name; the file takes the place of `path` when the block succeeds.

    The name is random and the file new, so that nobody can lay a link where it will be, in a shared folder either.

    Raises:
        DataError: the folder cannot be written to; the old file stays.
    """
    unfinished = _unfinished(path.parent)
    try:
        with _created(unfinished) as stream:
            yield stream
        unfinished.replace(path)
    except OSError as fault:
        raise DataError(unwritten(path, fault)) from fault
    finally:
        with suppress(OSError):  # a read-only file system refuses even to look
            unfinished.unlink()


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666), "wb")


def _unfinished(folder: Path) -> Path:
    return folder / f".unfinished.{_mark()}"


def _mark() -> str:
    """Return this process's number, by which its leftovers are known, and what nobody can guess."""
    return f"{os.getpid()}-{secrets.token_hex(8)}"


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to a temporary name, then rename it to `path`; the old file stays until then.

    Raises:
        DataError: the folder cannot be written to.
    """
    with new_file(path) as stream:
        stream.write(data)


def write_text(path: Path, text: str) -> None:
    """Write text the same way: UTF-8, line ends as they are.

    Raises:
        DataError: the folder cannot be written to.
    """
    write_bytes(path, text.encode())


def clear_unfinished(folder: Path) -> None:
    """Remove unfinished files that killed processes left in `folder`."""
    for left in folder.glob(".*.*"):
        number = left.name.rpartition(".")[2].partition("-")[0]
        if number.isdigit() and left.is_file() and not _lives(int(number)):
            left.unlink(missing_ok=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that replaces `folder` when the block succeeds.

    Raises:
        DataError: it cannot be created, filled or put in place.
    """
    with _beginning(folder, folder) as new:
        yield new
        put_folder(new, folder)


@contextmanager
def new_files(folder: Path) -> Iterator[Path]:
    """Yield an empty folder whose files go to `folder` when the block succeeds; other files there stay.

    Raises:
        DataError: it cannot be created or filled, or a file cannot be put in place.
    """
    make_folder(folder)
    with _beginning(folder / "files", folder) as new:
        yield new
        for path in sorted(new.iterdir()):
            path.replace(folder / path.name)


@contextmanager
def _beginning(place: Path, known: Path) -> Iterator[Path]:
    """Yield an empty folder beside `place`, removed at the end; errors name `known`, the folder that the user knows."""
    new = _beside(place, "new")
    try:
        _clear_up(place)
        new.mkdir(parents=True)
        yield new
    except DataError as fault:
        fault.args = (str(fault).replace(str(new), str(known)),)
        raise
    except OSError as fault:
        raise DataError(unwritten(known, fault)) from fault
    finally:
        shutil.rmtree(new, ignore_errors=True)


def put_folder(new: Path, folder: Path) -> None:
    """Rename `new` to `folder`; the old folder is removed once the new one is in place.

    From another file system it is copied, then removed.

    Raises:
        DataError: it cannot be renamed or copied; `folder` is as it was.
    """
    folder, old = folder.absolute(), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rename(old)
        _move(new, folder)
    except OSError as fault:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise DataError(unwritten(folder, fault)) from fault
    finally:
        if old.is_symlink():  # only the link was replaced; what it points to stays
            old.unlink()
        shutil.rmtree(old, ignore_errors=True)


def _move(new: Path, folder: Path) -> None:
    try:
        new.rename(folder)
    except OSError as fault:
        if fault.errno != errno.EXDEV:
            raise
        near = _beside(folder, "new")
        try:
            shutil.copytree(new, near, symlinks=True)
            near.rename(folder)
        except shutil.Error as faults:  # a list of (from, to, why)
            raise OSError(errno.EIO, str(faults.args[0][0][2])) from faults
        finally:
            shutil.rmtree(near, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def _clear_up(folder: Path) -> None:
    """Remove unfinished new and old folders that killed processes left beside `folder`."""
    for left in folder.absolute().parent.glob(f".{folder.name}.*.*"):
        mark, _, kind = left.name.removeprefix(f".{folder.name}.").partition(".")
        number = mark.partition("-")[0]
        if number.isdigit() and kind in ("new", "old") and (int(number) == os.getpid() or not _lives(int(number))):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # there is one, of somebody else
        return True
    return True


def _beside(folder: Path, kind: str) -> Path:
    folder = folder.absolute()
    return folder.with_name(f".{folder.name}.{_mark()}.{kind}")


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `files` (content by relative name) the whole content of `folder`.

    Raises:
        DataError: it cannot be written; the old content stays.
    """
    with new_folder(folder) as new:
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
