"""A picture of a prepared dataset, for the eye."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.data.prepared import PreparedDataset
from irstd.data.sample import Sample
from irstd.frames import place_square, to_8bit, to_rgb, write_png

_TILE, _GAP, _CAPTION = 224, 6, 18
_COLUMNS, _BANDS = 6, 2
_CIRCLE, _TEXT, _PAPER = (255, 200, 0), (60, 60, 60), 255
_RADIUS_PX = 12

Picture = NDArray[np.uint8]


def prepare_preview(folder: Path) -> None:
    """Write preview.png: 12 frames of train, evenly spread, each over its response; circles mark the targets.

    Raises:
        DataError: a file cannot be read or written.
    """
    dataset = PreparedDataset.open(folder)
    names = dataset.frames.splits["train"]
    count = min(_COLUMNS * _BANDS, len(names))
    chosen = [names[round(place)] for place in np.linspace(0, len(names) - 1, count)]
    tiles = [_tile(dataset.frames.sample(name), dataset.response(name)) for name in chosen]
    blank = np.full_like(tiles[0], _PAPER)
    bands = []
    for start in range(0, count, _COLUMNS):
        row = tiles[start : start + _COLUMNS]
        bands.append(np.hstack(row + [blank] * (min(_COLUMNS, count) - len(row))))
    write_png(folder / "preview.png", np.vstack(bands))


def _tile(sample: Sample, response: NDArray[np.float32]) -> Picture:
    """(H, W, 3) RGB: the frame on a square with a circle a target, its response below, its name under both."""
    placement = place_square(sample.frame.shape[0], sample.frame.shape[1], _TILE)
    frame = placement.warp(to_rgb(to_8bit(sample.frame)))
    for x, y in placement.to_input(sample.points):
        cv2.circle(frame, (round(x), round(y)), _RADIUS_PX, _CIRCLE, 1, cv2.LINE_AA)
    width = _TILE + _GAP
    picture = np.full((2 * _TILE + 2 * _GAP + _CAPTION, width, 3), _PAPER, dtype=np.uint8)
    picture[:_TILE, :_TILE] = frame
    picture[_TILE + _GAP : 2 * _TILE + _GAP, :_TILE] = _colours(response)
    foot: tuple[Any, ...] = (2, 2 * _TILE + _GAP + _CAPTION - 4)
    cv2.putText(picture, sample.name[:30], foot, cv2.FONT_HERSHEY_SIMPLEX, 0.42, _TEXT, 1, cv2.LINE_AA)
    return picture


def _colours(response: NDArray[np.float32]) -> Picture:
    """The response on the tile in false colours, 0 black and 1 yellow."""
    levels = np.rint(np.clip(response, 0.0, 1.0) * 255.0).astype(np.uint8)
    large = cv2.resize(levels, (_TILE, _TILE), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.applyColorMap(large, cv2.COLORMAP_INFERNO)[..., ::-1], dtype=np.uint8)
