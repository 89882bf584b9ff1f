"""What the stage `prepare` writes, step by step (`irstd.datasets.prepared` has the folder and the reader).

Every step gives the same bytes for the same dataset and takes away what an earlier run left of other frames.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.points_csv import Row, write_points
from irstd.datasets.prepared import STRIDE
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files import make_folder, write_text
from irstd.files.disk_faults import unwritten
from irstd.files.reading import write_array
from irstd.frames import place_square, to_8bit, to_grey, write_png
from irstd.labels.points import components_of

_FILES = {"points.csv", "audit.json", "near_duplicates.csv", "preview.png"}

Progress = Callable[[int, int], None]
MakeResponse = Callable[[NDArray[np.uint8], NDArray[np.float64]], NDArray[np.float32]]
"""Of uint8 (H, W) levels and points (n, 2) in their px, the response float32 (H / 4, W / 4)."""


def prepare_frames(raw: CanonicalDataset, folder: Path, progress: Progress | None = None) -> None:
    """Write images and, where there are any, masks.

    Raises:
        DataError: `folder` is the raw dataset's own, or a file cannot be read or written.
    """
    if folder.resolve() == raw.folder.resolve():
        raise DataError(f"{folder}: is the raw dataset itself; prepare it into another folder")
    kept = {f"{name}.png" for name in raw.names}
    _empty_but(folder, _FILES)
    _empty_but(folder / "images", kept)
    _empty_but(folder / "masks", kept if raw.has_masks else set())
    for done, name in enumerate(raw.names, start=1):
        sample = raw.sample(name)
        write_png(folder / "images" / f"{name}.png", to_8bit(sample.frame))
        if sample.mask is not None:
            write_png(folder / "masks" / f"{name}.png", np.where(sample.mask, np.uint8(255), np.uint8(0)))
        if progress is not None:
            progress(done, len(raw.names))


def prepare_points(raw: CanonicalDataset, folder: Path) -> None:
    """Write points.csv, its areas those of the mask's components nearest to the points; empty without masks.

    Raises:
        DataError: a file cannot be read or written.
    """
    make_folder(folder)
    rows = [row for name in raw.names for row in target_rows(raw.sample(name))]
    write_points(folder / "points.csv", rows, with_area=True)


def prepare_responses(
    raw: CanonicalDataset, folder: Path, size: int, make_response: MakeResponse, progress: Progress | None = None
) -> None:
    """Write the responses of all frames, each placed on a square of `size` px.

    Raises:
        DataError: `size` is no multiple of 4, a response has another shape or is not finite, a file cannot be written.
    """
    if size < STRIDE or size % STRIDE:
        raise DataError(f"{folder}: the input's side must be a multiple of {STRIDE} px, got {size}")
    _empty_but(folder / "responses", {f"{name}.npy" for name in raw.names})
    for done, name in enumerate(raw.names, start=1):
        sample = raw.sample(name)
        placement = place_square(sample.frame.shape[0], sample.frame.shape[1], size)
        levels = placement.warp(to_grey(to_8bit(sample.frame)))
        response = make_response(levels, placement.to_input(sample.points))
        if response.shape != (size // STRIDE,) * 2 or not np.isfinite(response).all():
            raise DataError(
                f"{raw.folder}: the response of frame '{name}' must be finite and {(size // STRIDE,) * 2}, "
                f"got {response.shape}; mend the label function"
            )
        write_array(folder / "responses" / f"{name}.npy", response.astype(np.float32))
        if progress is not None:
            progress(done, len(raw.names))


def prepare_splits(raw: CanonicalDataset, folder: Path) -> None:
    """Write the lists of the splits.

    Raises:
        DataError: they cannot be written.
    """
    _empty_but(folder / "splits", {f"{split}.txt" for split in raw.splits})
    for split, names in raw.splits.items():
        write_text(folder / "splits" / f"{split}.txt", "".join(f"{name}\n" for name in names))


def target_rows(sample: Sample) -> list[Row]:
    """One row a target, with the area of its mask's component."""
    areas = _areas(sample)
    return [Row(sample.name, float(x), float(y), area) for (x, y), area in zip(sample.points, areas, strict=True)]


def _areas(sample: Sample) -> list[int | None]:
    """For each point the area of the component that owns the mask's nearest pixel; None without one."""
    if sample.mask is None or not sample.mask.any():
        return [None] * len(sample.points)
    components = components_of(sample.mask)
    rows, columns = np.divmod(components.pixels, sample.mask.shape[1])
    nearest = [int(np.argmin((columns - x) ** 2 + (rows - y) ** 2)) for x, y in sample.points]
    return [int(components.areas[components.owners[pixel]]) for pixel in nearest]


def _empty_but(folder: Path, keep: set[str]) -> None:
    """Make `folder` and take out of it what is not in `keep`."""
    make_folder(folder)
    try:
        for path in folder.iterdir():
            if path.name not in keep and path.is_file():
                path.unlink()
    except OSError as fault:
        raise DataError(unwritten(folder, fault, "changed")) from fault
