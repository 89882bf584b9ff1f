"""The writer of a prepared dataset: each sample is encoded while it is in memory, so that it is decoded once.

`irstd.datasets.prepared` has the folder's form and the reader. Same dataset and settings, same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.look import Keeper
from irstd.curation.audit.stored import Stored
from irstd.curation.sheet import MUTED, TILE_PX, Line, Picture, evenly, grid, heading, page, tile
from irstd.curation.writing import write_description
from irstd.datasets.canonical import PARTS
from irstd.datasets.points_csv import Row, as_stored
from irstd.datasets.prepared import ORDER
from irstd.datasets.sample import Sample
from irstd.datasets.shards import ShardWriter, StoredFrame
from irstd.datasets.stored_samples import STRIDE
from irstd.errors import DataError
from irstd.files import make_folder
from irstd.frames import is_deep, map_deep, place_square, to_grey, write_png
from irstd.frames.read import encode_png
from irstd.labels.points import components_of

_TILES = 12  # of the preview

MakeResponse = Callable[[NDArray[np.uint8], NDArray[np.float64]], NDArray[np.float32]]
"""Of uint8 (H, W) levels and points (n, 2) in their px, the response float32 (H / 4, W / 4)."""


class PreparedWriter:
    """Encodes samples in any order, from any thread, and writes them in that of the shards, then a picture."""

    def __init__(
        self, folder: Path, splits: Mapping[str, Sequence[str]], size: int, make_response: MakeResponse
    ) -> None:
        """Write to the new folder `folder`; responses stand on a square of `size` px.

        Raises:
            DataError: `size` is no multiple of 4, or the folder cannot be written.
        """
        if size < STRIDE or size % STRIDE:
            raise DataError(f"labels.size: must be a multiple of {STRIDE} px, got {size}")
        self._folder, self._size, self._make_response = folder, size, make_response
        self._home = {name: split for split, names in splits.items() for name in names}
        self._shown = evenly(splits.get("train", ()), _TILES)
        self._tiles = dict[str, Picture]()
        make_folder(folder)
        self._shards = ShardWriter(folder)

    def keeper(self, stored: Stored) -> Keeper[StoredFrame]:
        """Return what `look_at_frames` gives the frames of `stored` to."""
        listed = [name for split in ORDER for name in stored.members[split]]
        return Keeper(self.encode, self._shards.add, (*listed, *sorted(set(stored.frames) - set(listed))))

    def encode(self, sample: Sample) -> StoredFrame:
        """Return one sample as it is stored: image, mask, points and response.

        Raises:
            DataError: the response is not as it must be.
        """
        name, frame = sample.name, map_deep(sample.frame)
        points = as_stored(sample.points)  # as a fit reads them, so that it would draw the same response
        response = self._response(name, frame, points)
        if name in self._shown:
            self._tiles[name] = _tile(name, frame, points, response)
        mask = None if sample.mask is None else np.where(sample.mask, np.uint8(255), np.uint8(0))
        rows = zip(points.tolist(), target_rows(sample), strict=True)
        return StoredFrame(
            name=name,
            split=self._home.get(name),
            points=[replace(row, x=x, y=y) for (x, y), row in rows],
            frame=encode_png(sample.frame if is_deep(sample.frame) else frame, name),
            mask=None if mask is None else encode_png(mask, name),
            response=response.astype("<f4").tobytes(),
        )

    def finish(self) -> None:
        """End the last shard.

        Raises:
            OSError: it cannot be written.
        """
        self._shards.close()

    def write_parts(self, dataset: str, parts: Sequence[Mapping[str, Any]]) -> None:
        """Write dataset.json with the datasets that this one was joined of; nothing for any other.

        Raises:
            DataError: it cannot be written.
        """
        if parts:
            write_description(self._folder, {"name": dataset, PARTS: parts})

    def write_preview(self, folder: Path, dataset: str) -> None:
        """Write preview.png to `folder`, with the name of the dataset in its heading.

        Raises:
            DataError: it cannot be written.
        """
        note = Line("frames of train, evenly spread, each over its response; circles mark the targets", MUTED)
        tiles = grid([self._tiles[name] for name in self._shown])
        write_png(folder / "preview.png", page([heading(f"{dataset}, prepared", [note]), tiles]))

    def _response(self, name: str, frame: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float32]:
        placement = place_square(frame.shape[0], frame.shape[1], self._size)
        response = self._make_response(placement.warp(to_grey(frame)), placement.to_input(points))
        shape = (self._size // STRIDE,) * 2
        if response.shape != shape or not np.isfinite(response).all():
            raise DataError(
                f"the response of frame '{name}' must be finite and {shape}, got {response.shape}; "
                "correct the label function"
            )
        return response.astype(np.float32)


def _tile(name: str, frame: NDArray[np.uint8], points: NDArray[np.float64], response: NDArray[np.float32]) -> Picture:
    """Draw a frame with its points (n, 2) circled, over its response in false colours: 0 black, 1 yellow."""
    levels = np.rint(np.clip(response, 0.0, 1.0) * 255.0).astype(np.uint8)
    large = cv2.resize(levels, (TILE_PX, TILE_PX), interpolation=cv2.INTER_NEAREST)
    colours = np.asarray(cv2.applyColorMap(large, cv2.COLORMAP_INFERNO)[..., ::-1], dtype=np.uint8)
    return tile(frame, points, [Line(name)], below=colours)


def target_rows(sample: Sample) -> list[Row]:
    """Return a row a target, with the area of the mask's component nearest to it."""
    areas: list[int | None] = [None] * len(sample.points)
    if sample.mask is not None and sample.mask.any():
        components = components_of(sample.mask)
        rows, columns = np.divmod(components.pixels, sample.mask.shape[1])
        nearest = [int(np.argmin((columns - x) ** 2 + (rows - y) ** 2)) for x, y in sample.points]
        areas = [int(components.areas[components.owners[pixel]]) for pixel in nearest]
    return [Row(sample.name, float(x), float(y), area) for (x, y), area in zip(sample.points, areas, strict=True)]
