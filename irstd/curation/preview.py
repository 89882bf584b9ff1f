"""The picture of a prepared dataset: frames over their responses."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.sheet import MUTED, TILE_PX, Line, Picture, evenly, grid, heading, page, tile

_TILES = 12


def shown_frames(train: Sequence[str]) -> list[str]:
    """Return the frames that the preview shows: 12 of `train`, evenly spread."""
    return evenly(train, _TILES)


def draw_tile(
    name: str, frame: NDArray[np.uint8], points: NDArray[np.float64], response: NDArray[np.float32]
) -> Picture:
    """Draw a frame with its points (n, 2) circled, over its response in false colours: 0 black, 1 yellow."""
    levels = np.rint(np.clip(response, 0.0, 1.0) * 255.0).astype(np.uint8)
    large = cv2.resize(levels, (TILE_PX, TILE_PX), interpolation=cv2.INTER_NEAREST)
    colours = np.asarray(cv2.applyColorMap(large, cv2.COLORMAP_INFERNO)[..., ::-1], dtype=np.uint8)
    return tile(frame, points, [Line(name)], below=colours)


def draw_preview(name: str, tiles: Sequence[Picture]) -> Picture:
    """Draw the tiles as a page; `name` is the dataset's."""
    note = Line("frames of train, evenly spread, each over its response; circles mark the targets", MUTED)
    return page([heading(f"{name}, prepared", [note]), grid(tiles)])
