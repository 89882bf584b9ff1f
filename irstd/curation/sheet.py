"""Contact sheets: frames side by side, targets circled, with captions."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames import Frame, place_square, to_8bit, to_rgb

Picture = NDArray[np.uint8]
Color = tuple[int, int, int]

TILE_PX, COLUMNS, GAP_PX = 208, 6, 12
WIDTH_PX = COLUMNS * TILE_PX + (COLUMNS - 1) * GAP_PX
"""Width of a grid and of all other parts of a page."""

INK: Color = (34, 34, 34)
MUTED: Color = (110, 110, 110)
_CIRCLE: Color = (255, 200, 0)
_PAPER, _ASIDE = 255, 236  # grey levels: the sheet, and the part of a square without frame

_MARGIN_PX, _LINE_PX, _RADIUS_PX = 24, 17, 12
_FONT, _TITLE = cv2.FONT_HERSHEY_SIMPLEX, 0.6


@dataclass(frozen=True)
class Line:
    """A line of text; `scale` is OpenCV's size of letters."""

    text: str
    color: Color = INK
    scale: float = 0.42

    @property
    def width(self) -> int:
        """Width in px."""
        text = self.text.encode("utf-8", "replace").decode()  # a file's name may be no UTF-8
        return int(cv2.getTextSize(text, _FONT, self.scale, 1)[0][0])

    def fitted(self, most_px: int) -> str:
        """Return the text; if it is too wide, only its two ends, where names differ."""
        shown, kept = self.text, len(self.text)
        while Line(shown, self.color, self.scale).width > most_px and kept > 4:
            kept -= 1
            shown = f"{self.text[: kept // 2]}...{self.text[kept // 2 - kept :]}"
        return shown


def tile(
    frame: Frame | None, points: NDArray[np.float64], caption: Sequence[Line], below: Picture | None = None
) -> Picture:
    """Draw uint8 RGB (h, 208, 3): the frame on a square, its targets circled, the picture `below`, the caption.

    Args:
        frame: (H, W) or (H, W, 3), 8 or 16 bit; None: the square says that it cannot be read.
        points: (n, 2) of (x, y) frame px.
        caption: lines, shortened to the tile's width.
        below: (208, 208, 3), another view of the same square.
    """
    parts = [_square(frame, points)]
    if below is not None:
        parts += [paper(GAP_PX // 2, TILE_PX), below]
    return np.vstack([*parts, _lines(caption, TILE_PX)])


def evenly(names: Sequence[str], most: int) -> list[str]:
    """Return at most `most` of `names`, evenly spread, with the first and the last."""
    return [names[round(place)] for place in np.linspace(0, len(names) - 1, min(most, len(names)))]


def grid(tiles: Sequence[Picture]) -> Picture:
    """Lay out tiles of one size in rows of six."""
    high = len(tiles[0])
    sheet = paper(-(-len(tiles) // COLUMNS) * (high + GAP_PX), WIDTH_PX)
    for place, each in enumerate(tiles):
        row, column = divmod(place, COLUMNS)
        top, left = row * (high + GAP_PX), column * (TILE_PX + GAP_PX)
        sheet[top : top + high, left : left + TILE_PX] = each
    return sheet


def heading(title: str, notes: Sequence[Line] = ()) -> Picture:
    """Draw a title as wide as a grid, with lines under it."""
    strip = paper(32, WIDTH_PX)
    write(strip, Line(title, INK, _TITLE), (0, 22))
    return np.vstack([strip, _lines(notes, WIDTH_PX)])


def page(parts: Sequence[Picture]) -> Picture:
    """Stack the parts, each as wide as a grid, with a margin around them."""
    around = ((_MARGIN_PX, _MARGIN_PX), (_MARGIN_PX, _MARGIN_PX), (0, 0))
    return np.asarray(np.pad(np.vstack(parts), around, constant_values=_PAPER), dtype=np.uint8)


def paper(high: int, wide: int) -> Picture:
    """Return an empty part of a sheet."""
    return np.full((high, wide, 3), _PAPER, dtype=np.uint8)


def write(picture: Picture, line: Line, foot: tuple[int, int], most_px: int = 10_000) -> None:
    """Write a line into the picture, shortened to `most_px`; `foot` (x, y) is the left end of its base line."""
    text = line.fitted(most_px).encode("utf-8", "replace").decode()
    cv2.putText(picture, text, foot, _FONT, line.scale, line.color, 1, cv2.LINE_AA)


def _lines(lines: Sequence[Line], wide: int) -> Picture:
    strip = paper(_LINE_PX * len(lines) + 6, wide)
    for index, line in enumerate(lines, start=1):
        write(strip, line, (1, _LINE_PX * index - 2), most_px=wide - 2)
    return strip


def _square(frame: Frame | None, points: NDArray[np.float64]) -> Picture:
    square = np.full((TILE_PX, TILE_PX, 3), _ASIDE, dtype=np.uint8)
    if frame is None:
        line = Line("cannot be read", MUTED)
        write(square, line, ((TILE_PX - line.width) // 2, TILE_PX // 2))
        return square
    placement = place_square(frame.shape[0], frame.shape[1], TILE_PX)
    corners = placement.to_input(np.array([(-0.5, -0.5), (frame.shape[1] - 0.5, frame.shape[0] - 0.5)]))
    (left, top), (right, bottom) = np.clip(np.rint(corners + 0.5), 0, TILE_PX).astype(int).tolist()
    square[top:bottom, left:right] = placement.warp(to_rgb(to_8bit(frame)))[top:bottom, left:right]
    placed = placement.to_input(points)
    near = ((placed > -_RADIUS_PX) & (placed < TILE_PX + _RADIUS_PX)).all(axis=1)  # faulty ones may lie anywhere
    for x, y in placed[near]:
        cv2.circle(square, (round(x), round(y)), _RADIUS_PX, _CIRCLE, 1, cv2.LINE_AA)
    return square
