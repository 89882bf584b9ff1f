"""Pictures of frames with detections and truth drawn around the targets, never over them."""

from dataclasses import dataclass
from math import ceil
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames.levels import to_8bit, to_rgb
from irstd.frames.read import Frame

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
Color = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom in picture px

# Two colours of Okabe and Ito's set that stay apart for every kind of colour vision, and apart from grey.
FOUND: Color = (255, 176, 0)
TRUTH: Color = (86, 200, 255)
_DARK: Color = (16, 16, 16)
_PALE: Color = (235, 235, 235)

_LONGEST_PX = 512  # smaller frames are enlarged by a whole factor to at least this
_RADIUS_PX = 8  # of a mark, in frame px: SIRST's targets are rarely wider than 9 px
_CORNER = 1.15  # corners stand a little outside the circle of a true target, so that both show
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class _Scale:
    """Scale from frame px to picture px, and sizes of marks and text in picture px."""

    factor: int
    radius: float
    line: int
    text: float

    @classmethod
    def of(cls, height: int, width: int) -> "_Scale":
        factor = max(1, ceil(_LONGEST_PX / max(height, width)))
        unit = max(1.0, factor * max(height, width) / 1024)
        return cls(factor, max(_RADIUS_PX * factor, 10 * unit), max(1, round(unit)), 0.4 * unit)

    def place(self, points: Points) -> Points:
        """(n, 2) frame px, in picture px: pixel centres stay pixel centres."""
        return (np.asarray(points, dtype=np.float64).reshape(-1, 2) + 0.5) * self.factor - 0.5


class Found(Protocol):
    """The detections of a frame."""

    @property
    def points(self) -> Points:
        """(n, 2) of (x, y) frame px."""

    @property
    def scores(self) -> Points:
        """(n,) in [0, 1]."""


def draw_overlay(frame: Frame, found: Found, truth: Points | None = None) -> Picture:
    """uint8 RGB (h, w, 3): the frame in 8 bit, small ones enlarged by a whole factor so that pixels stay square.

    Detections are four corners with their score, true targets are circles. A strip below says so where truth is drawn.

    Args:
        frame: (H, W) or (H, W, 3), 8 or 16 bit.
        found: its detections.
        truth: (m, 2) of (x, y) frame px, the true targets; None: unknown, none are drawn.
    """
    scale = _Scale.of(*frame.shape[:2])
    picture = np.repeat(np.repeat(to_rgb(to_8bit(frame)), scale.factor, axis=0), scale.factor, axis=1)
    picture = np.ascontiguousarray(picture)
    centers = scale.place(found.points)
    true = scale.place(np.zeros((0, 2)) if truth is None else truth)
    for center in true:
        _circle(picture, center, scale)
    for center in centers:
        _corners(picture, center, scale)
    taken = [_box_round(center, _CORNER * scale.radius) for center in (*centers, *true)]
    for center, score in zip(centers, found.scores, strict=True):
        taken.append(_label(picture, f"{score:.2f}", center, taken, scale))
    return picture if truth is None else np.vstack([picture, _legend(picture.shape[1], scale)])


def _circle(picture: Picture, center: Points, scale: _Scale) -> None:
    where = (round(center[0] * 2**_SUBPIXEL_BITS), round(center[1] * 2**_SUBPIXEL_BITS))
    radius = round(scale.radius * 2**_SUBPIXEL_BITS)
    for color, line in ((_DARK, scale.line + 2), (TRUTH, scale.line)):
        cv2.circle(picture, where, radius, color, line, cv2.LINE_AA, _SUBPIXEL_BITS)


def _corners(picture: Picture, center: Points, scale: _Scale) -> None:
    reach, arm = _CORNER * scale.radius, 0.45 * scale.radius
    shapes = []
    for side_x, side_y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        tip = center + reach * np.array([side_x, side_y])
        corner = np.array([tip - (side_x * arm, 0), tip, tip - (0, side_y * arm)])
        shapes.append(np.rint(corner * 2**_SUBPIXEL_BITS).astype(np.int32))
    for color, line in ((_DARK, scale.line + 2), (FOUND, scale.line)):
        cv2.polylines(picture, shapes, False, color, line, cv2.LINE_AA, _SUBPIXEL_BITS)


def _label(picture: Picture, text: str, center: Points, taken: list[Box], scale: _Scale) -> Box:
    """Write `text` beside a mark, inside the picture and clear of `taken` if there is room; return its box."""
    (width, height), below = cv2.getTextSize(text, _FONT, scale.text, scale.line)
    high, wide = picture.shape[:2]
    gap = _CORNER * scale.radius + 5
    x, y = center
    right, left, middle = x + gap, x - gap - width, x - width / 2
    level, above, under = y - (height + below) / 2, y - gap - height - below, y + gap
    free = [(right, level), (left, level), (middle, above), (middle, under)]
    free += [(right, above), (right, under), (left, above), (left, under)]
    boxes = []
    for left, top in free:
        inside_x = round(min(max(left, 1), max(wide - width - 1, 1)))
        inside_y = round(min(max(top, 1), max(high - height - below - 1, 1)))
        boxes.append((inside_x, inside_y, inside_x + width, inside_y + height + below))
    best = min(boxes, key=lambda box: sum(_overlap(box, other) for other in taken))
    plate = picture[max(best[1] - 1, 0) : best[3] + 1, max(best[0] - 2, 0) : best[2] + 2]
    plate[...] = plate // 3  # so that it is legible on bright clouds, and they still show
    _write(picture, text, (best[0], best[1] + height), FOUND, scale)
    return best


def _write(picture: Picture, text: str, where: tuple[int, int], color: Color, scale: _Scale) -> None:
    cv2.putText(picture, text, where, _FONT, scale.text, color, scale.line, cv2.LINE_AA)


def _box_round(center: Points, radius: float) -> Box:
    (left, top), (right, bottom) = np.floor(center - radius).astype(int), np.ceil(center + radius).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _overlap(one: Box, other: Box) -> int:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0


def _legend(width: int, scale: _Scale) -> Picture:
    """Draw the legend as a strip of `width` px, its entries side by side, or stacked in a narrow picture."""
    row = round(55 * scale.text)
    mark = _Scale(1, 0.27 * row, scale.line, scale.text)
    entries = (("found, with its score", _corners), ("truth", _circle))
    spans = [row + cv2.getTextSize(text, _FONT, scale.text, scale.line)[0][0] + row // 2 for text, _ in entries]
    stacked = sum(spans) > width
    strip: Picture = np.full((row * (2 if stacked else 1), max(width, *spans), 3), _DARK, dtype=np.uint8)
    for index, (text, draw) in enumerate(entries):
        left, top = (0, index * row) if stacked else (index * spans[0], 0)
        draw(strip, np.array([left + row / 2, top + row / 2]), mark)
        _write(strip, text, (left + row, top + round(0.5 * row + 12 * scale.text)), _PALE, scale)
    return strip[:, :width]
