"""Shards: Parquet files of whole frames, which are written in one pass and read a few frames at a time.

DATASET/shard-00000.parquet, … of about 64 MiB, each in row groups of about 256 KiB; a row is a frame:

name       its name
split      train, val or test; null if no list names it
points     x, y in px and area_px of each target, null without a mask
frame      PNG
mask       PNG of 0 and 255; null in a dataset without masks
response   little-endian float32 of a square

Parquet, since whatever reads tables reads it, its columns are read apart, and each page has a checksum. A tar of files
(WebDataset) is read from its start, and an array (Zarr) holds frames of one size. Files are read by position and not
mapped: a map's pages count as memory of each process that has read them, so that it would grow with the set.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from irstd.datasets.points_csv import Row
from irstd.errors import DataError

SHARD_BYTES, GROUP_BYTES = 64 << 20, 256 << 10
_ROWS = 64  # read at once in a pass over all frames
_SUFFIX = ".parquet"


@dataclass(frozen=True)
class StoredFrame:
    """A row of a shard; `frame` and `mask` are PNG, `response` the bytes of little-endian float32."""

    name: str
    split: str | None
    points: Sequence[Row]
    frame: bytes
    mask: bytes | None
    response: bytes

    @property
    def size(self) -> int:
        """Its pixels and response in bytes, by which row groups are cut."""
        return len(self.frame) + len(self.mask or b"") + len(self.response)

    def row(self) -> dict[str, Any]:
        """Return it as a row of the schema."""
        points = [{"x": point.x, "y": point.y, "area_px": point.area_px} for point in self.points]
        return {**vars(self), "points": points}


class ShardWriter:
    """Writes frames in the order in which they come, with one row group in memory. Same frames, same bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._shards = folder, 0
        self._rows, self._bytes = list[dict[str, Any]](), 0
        self._table: Any = None
        self._file: Any = None

    def add(self, frame: StoredFrame) -> None:
        """Write a frame, now or with the next ones.

        Raises:
            OSError: the folder cannot be written to.
        """
        self._rows.append(frame.row())
        self._bytes += frame.size
        if self._bytes >= GROUP_BYTES:
            self._write_group()

    def close(self) -> None:
        """Write what is left, and end the last shard.

        Raises:
            OSError: the folder cannot be written to.
        """
        if self._rows:
            self._write_group()
        self._end_shard()

    def _write_group(self) -> None:
        if self._table is None:
            # PNG is packed already; responses are mostly zeros.
            packing = {"compression": {"response": "zstd"}, "use_dictionary": ["split"], "write_statistics": False}
            self._file = _arrow().OSFile(str(self._folder / f"shard-{self._shards:05d}{_SUFFIX}"), "wb")
            self._table = _arrow().parquet.ParquetWriter(self._file, _schema(), write_page_checksum=True, **packing)
            self._shards += 1
        self._table.write_table(_arrow().Table.from_pylist(self._rows, _schema()))
        self._rows, self._bytes = [], 0
        if self._file.tell() >= SHARD_BYTES:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._table is not None:
            self._table.close()
            self._file.close()
        self._table = self._file = None


@dataclass(frozen=True)
class Place:
    """Where a frame lies: numbers of its shard, of the row group there and of the row in that."""

    shard: int
    group: int
    row: int


class ShardReader:
    """Reads the shards of a folder, one row group in memory; for several threads, and picklable.

    Attributes:
        paths: the shards in their order.
    """

    def __init__(self, folder: Path) -> None:
        self.paths = find_shards(folder)
        self._stamps = _stamps(self.paths)
        self._forget()

    @property
    def is_here(self) -> bool:
        """Whether this process finds the very files that were opened: the same sizes, times and numbers."""
        return _stamps(self.paths) == self._stamps

    def _forget(self) -> None:
        self._lock, self._files = Lock(), dict[int, Any]()
        self._last: tuple[tuple[int, int, tuple[str, ...]], Any] | None = None

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(path.absolute() for path in self.paths), self._stamps

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.paths, self._stamps = state
        self._forget()

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Yield these columns of all frames in their order.

        Raises:
            DataError: a shard is damaged or has been removed.
        """
        for shard in range(len(self.paths)):
            file = self._open(shard)  # of its own, since a file is for one thread
            counts = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
            places = (Place(shard, group, row) for group, count in enumerate(counts) for row in range(count))
            try:
                for batch in file.iter_batches(_ROWS, columns=list(columns), use_threads=False):
                    for content in batch.to_pylist():
                        yield next(places), content
            except (_arrow().ArrowException, OSError) as fault:
                raise self._damaged(shard) from fault

    def row(self, place: Place, columns: Sequence[str]) -> Mapping[str, Any]:
        """Read these columns of one frame.

        Raises:
            DataError: its shard is damaged or has been removed.
        """
        table = self._group(place.shard, place.group, tuple(columns))
        return {name: table.column(name)[place.row].as_py() for name in columns}

    def _group(self, shard: int, group: int, columns: tuple[str, ...]) -> Any:
        wanted = shard, group, columns
        with self._lock:
            if self._last is None or self._last[0] != wanted:
                try:
                    table = self._opened(shard).read_row_group(group, columns=list(columns), use_threads=False)
                except (_arrow().ArrowException, OSError) as fault:
                    raise self._damaged(shard) from fault
                self._last = wanted, table
            return self._last[1]

    def _opened(self, shard: int) -> Any:
        if shard not in self._files:
            self._files[shard] = self._open(shard)
        return self._files[shard]

    def _open(self, shard: int) -> Any:
        path = self.paths[shard]
        try:
            file = _arrow().parquet.ParquetFile(path, page_checksum_verification=True)
        except (_arrow().ArrowException, OSError) as fault:
            raise self._damaged(shard) from fault
        if file.schema_arrow != _schema():
            raise DataError(f"{path}: is no shard of frames as this version writes them; prepare the dataset again")
        return file

    def _damaged(self, shard: int) -> DataError:
        return DataError(f"{self.paths[shard]}: is damaged or gone; prepare the dataset again, or `dvc checkout` it")


def find_shards(folder: Path) -> tuple[Path, ...]:
    """Return the shards in `folder`, in their order; none in any other folder."""
    return tuple(sorted(folder.glob(f"shard-*{_SUFFIX}")))


def _stamps(paths: Sequence[Path]) -> tuple[tuple[int, int, int], ...] | None:
    """Return size, time of change and number of each file; None if one is missing."""
    try:
        found = [path.stat() for path in paths]
    except OSError:
        return None
    return tuple((each.st_size, each.st_mtime_ns, each.st_ino) for each in found)


@cache
def _arrow() -> Any:
    """Return PyArrow, imported when a shard is first read or written: a fit on a raw dataset needs none."""
    import pyarrow.parquet  # noqa: PLC0415

    return pyarrow


@cache
def _schema() -> Any:
    arrow = _arrow()
    target = arrow.struct([("x", arrow.float64()), ("y", arrow.float64()), ("area_px", arrow.int32())])
    kinds = {"name": arrow.string(), "split": arrow.string(), "points": arrow.list_(target)}
    return arrow.schema({**kinds, "frame": arrow.binary(), "mask": arrow.binary(), "response": arrow.binary()})
