"""A picture of a prepared dataset, for the eye."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.sheet import MUTED, TILE_PX, Line, Picture, grid, heading, page, tile
from irstd.datasets.prepared import PreparedDataset
from irstd.frames import write_png

_TILES = 12


def prepare_preview(folder: Path, name: str) -> None:
    """Write preview.png: 12 frames of train, evenly spread, each over its response; circles mark the targets.

    `name` is the dataset's, for the heading.

    Raises:
        DataError: a file cannot be read or written.
    """
    dataset = PreparedDataset.open(folder)
    names = dataset.frames.splits["train"]
    places = np.linspace(0, len(names) - 1, min(_TILES, len(names)))
    samples = [dataset.frames.sample(names[round(place)]) for place in places]
    tiles = [
        tile(each.frame, each.points, [Line(each.name)], below=_colours(dataset.response(each.name)))
        for each in samples
    ]
    note = Line("frames of train, evenly spread, each over its response; circles mark the targets", MUTED)
    title = heading(f"{name}, prepared", [note])
    write_png(folder / "preview.png", page([title, grid(tiles)]))


def _colours(response: NDArray[np.float32]) -> Picture:
    """The response on the tile in false colours, 0 black and 1 yellow."""
    levels = np.rint(np.clip(response, 0.0, 1.0) * 255.0).astype(np.uint8)
    large = cv2.resize(levels, (TILE_PX, TILE_PX), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.applyColorMap(large, cv2.COLORMAP_INFERNO)[..., ::-1], dtype=np.uint8)
