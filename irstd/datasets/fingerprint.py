"""A hash of a dataset's content."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from irstd.datasets.points_csv import Row, points_text
from irstd.datasets.shards import ShardReader, find_shards
from irstd.errors import DataError
from irstd.files import open_regular
from irstd.files.reading import read_lines


def fingerprint(folder: Path, split: str | None = None) -> str:
    """Return the SHA-256 (64 hex digits) of the relative paths and contents of all files in `folder` but hidden ones.

    It does not depend on the machine or the order of files on disk.

    Args:
        folder: any folder; a canonical or prepared dataset if `split` is given.
        split: hash only the frames, masks and points of this split, in any order of its list.

    Raises:
        DataError: the folder is missing or empty, or a file of the split is missing.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder, so it has no fingerprint; make the dataset first")
    parts = _whole(folder) if split is None else _one_split(folder, split)
    return _hash(parts, folder)


def _hash(parts: Iterable[tuple[str, bytes]], folder: Path) -> str:
    """Hash the names and digests of `parts`: digests have one length, so that no two different lists join to one."""
    total, count = hashlib.sha256(), 0
    for name, digest in parts:
        total.update(hashlib.sha256(name.encode()).digest() + digest)
        count += 1
    if count == 0:
        raise DataError(f"{folder}: holds no files, so it has no fingerprint; make the dataset first")
    return total.hexdigest()


def _whole(folder: Path) -> Iterator[tuple[str, bytes]]:
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    for name in sorted(paths):
        hidden = any(part.startswith(".") for part in name.split("/"))
        if paths[name].is_file() and not hidden:
            yield name, _digest(paths[name])


def _one_split(folder: Path, split: str) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a split; a prepared dataset has those of a folder of the same frames, masks and points."""
    if find_shards(folder):
        yield from _one_prepared_split(folder, split)
        return
    names = sorted(read_lines(folder / "splits" / f"{split}.txt"))
    for name in names:
        yield f"images/{name}.png", _digest(folder / "images" / f"{name}.png")
    if (folder / "masks").is_dir():
        for name in names:
            yield f"masks/{name}.png", _digest(folder / "masks" / f"{name}.png")
    if (folder / "points.csv").is_file():
        header, *lines = read_lines(folder / "points.csv") or [""]
        known = set(names)
        chosen = [line for line in lines if next(csv.reader([line]))[0] in known]
        yield "points.csv", hashlib.sha256("\n".join([header, *chosen]).encode()).digest()


def _one_prepared_split(folder: Path, split: str) -> Iterator[tuple[str, bytes]]:
    columns, rows = ("name", "split", "points", "frame", "mask"), list[Row]()
    digests: dict[str, dict[str, bytes]] = {"images": {}, "masks": {}}
    for _, content in ShardReader(folder).rows(columns):
        if content["split"] == split:
            name = content["name"]
            rows += [Row(name, **point) for point in content["points"]]
            digests["images"][name] = hashlib.sha256(content["frame"]).digest()
            if content["mask"] is not None:
                digests["masks"][name] = hashlib.sha256(content["mask"]).digest()
    for part, known in digests.items():
        yield from ((f"{part}/{name}.png", known[name]) for name in sorted(known))
    text = points_text(sorted(rows, key=lambda row: row.frame), with_area=True)
    yield "points.csv", hashlib.sha256(text.rstrip("\n").encode()).digest()


def _digest(path: Path) -> bytes:
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").digest()  # type: ignore[arg-type]  # it has readinto
    except OSError as fault:
        raise DataError(f"{path}: cannot be read ({fault.strerror})") from fault
