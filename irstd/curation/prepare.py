"""The writer of a prepared dataset: each sample is written while it is in memory, so that it is decoded once.

`irstd.datasets.prepared` has the folder's form and the reader. Same dataset and settings, same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.sheet import MUTED, TILE_PX, Line, Picture, evenly, grid, heading, page, tile
from irstd.curation.writing import write_description, write_lists
from irstd.datasets.canonical import PARTS
from irstd.datasets.points_csv import Row, as_stored, write_points
from irstd.datasets.prepared import STRIDE
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files import make_folder
from irstd.files.reading import write_array
from irstd.frames import is_deep, map_deep, place_square, to_grey, write_png
from irstd.labels.points import components_of

_TILES = 12  # of the preview

MakeResponse = Callable[[NDArray[np.uint8], NDArray[np.float64]], NDArray[np.float32]]
"""Of uint8 (H, W) levels and points (n, 2) in their px, the response float32 (H / 4, W / 4)."""


class PreparedWriter:
    """Writes samples in any order, from any thread, then the tables and pictures of all of them."""

    def __init__(
        self, folder: Path, splits: Mapping[str, Sequence[str]], size: int, make_response: MakeResponse
    ) -> None:
        """Write to the new folder `folder`; responses stand on a square of `size` px.

        Raises:
            DataError: `size` is no multiple of 4, or the folder cannot be written.
        """
        if size < STRIDE or size % STRIDE:
            raise DataError(f"labels.size: must be a multiple of {STRIDE} px, got {size}")
        self._folder, self._splits, self._size, self._make_response = folder, splits, size, make_response
        self._shown = evenly(splits.get("train", ()), _TILES)
        self._rows = dict[str, list[Row]]()
        self._tiles = dict[str, Picture]()
        for part in ("images", "responses", "splits"):
            make_folder(folder / part)

    def add(self, sample: Sample) -> None:
        """Write one sample: image, mask and response.

        Raises:
            DataError: the response is not as it must be, or a file cannot be written.
        """
        name, frame = sample.name, map_deep(sample.frame)
        write_png(self._folder / "images" / f"{name}.png", sample.frame if is_deep(sample.frame) else frame)
        if sample.mask is not None:
            make_folder(self._folder / "masks")
            write_png(self._folder / "masks" / f"{name}.png", np.where(sample.mask, np.uint8(255), np.uint8(0)))
        points = as_stored(sample.points)  # as a fit reads them, so that it would draw the same response
        response = self._response(name, frame, points)
        write_array(self._folder / "responses" / f"{name}.npy", response)
        self._rows[name] = target_rows(sample)
        if name in self._shown:
            self._tiles[name] = _tile(name, frame, points, response)

    def write_points(self) -> None:
        """Write points.csv, sorted by frame.

        Raises:
            DataError: it cannot be written.
        """
        rows = [row for name in sorted(self._rows) for row in self._rows[name]]
        write_points(self._folder / "points.csv", rows, with_area=True)

    def write_splits(self) -> None:
        """Write the lists of the splits.

        Raises:
            DataError: they cannot be written.
        """
        write_lists(self._folder, self._splits)

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
