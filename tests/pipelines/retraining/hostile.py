"""Sets that somebody may bring and that cannot come in: each is made in a folder that holds a good set."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path


def _fifo(folder: Path) -> None:
    (folder / "images/f0.png").unlink()
    os.mkfifo(folder / "images/f0.png")


def _fifo_aside(folder: Path) -> None:
    os.mkfifo(folder / "notes")


def _device(folder: Path) -> None:
    (folder / "masks/f0.png").unlink()
    (folder / "masks/f0.png").symlink_to("/dev/zero")


def _no_utf8(folder: Path) -> None:
    for part in ("images", "masks"):
        (folder / part / "f0.png").rename(os.fsdecode(os.fsencode(folder / part) + b"/\xe9.png"))


def _too_long(folder: Path) -> None:
    for part in ("images", "masks"):
        (folder / part / "f0.png").rename(folder / part / f"{'x' * 245}.png")


def _gone(folder: Path) -> None:
    (folder / "images/f1.png").unlink()
    (folder / "images/f1.png").symlink_to(folder / "images/moved.png")


def _elsewhere(folder: Path) -> None:
    (folder / "images").rename(folder.parent.parent / "elsewhere")
    (folder / "images").symlink_to(folder.parent.parent / "elsewhere")


def _not_readable(folder: Path) -> None:
    (folder / "images/f1.png").write_bytes(b"half a frame")


def _deep(folder: Path) -> None:
    (folder / "train.json").write_text('{"images": ' + "[" * 100_000 + "]" * 100_000 + "}")
    (folder / "masks").rename(folder / "no-masks")


def _empty(folder: Path) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()


HOSTILE: Mapping[str, Callable[[Path], None]] = {
    "a FIFO": _fifo,
    "a FIFO that is no frame": _fifo_aside,
    "a device": _device,
    "a name that is no UTF-8": _no_utf8,
    "a name too long": _too_long,
    "a file that vanished": _gone,
    "a link to a folder": _elsewhere,
    "half a frame": _not_readable,
    "deep JSON": _deep,
    "no file": _empty,
}
