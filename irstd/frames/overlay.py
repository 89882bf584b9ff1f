"""Pictures of frames with marks drawn around the targets, never over them, and a legend below."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.frames.levels import to_rgb
from irstd.frames.read import Frame
from irstd.frames.visible import visible

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
Color = tuple[int, int, int]
Box = tuple[int, int, int, int]  # left, top, right, bottom in picture px

# Colours that stay apart for every kind of colour vision, and apart from grey; shapes tell the same once more.
FOUND: Color = (255, 176, 0)
HIT: Color = (60, 220, 150)
MISS: Color = (86, 200, 255)
FALSE_ALARM: Color = (255, 105, 70)
_DARK: Color = (16, 16, 16)
_PALE: Color = (235, 235, 235)

_LONGEST_PX = 512  # smaller frames are enlarged by a whole factor to at least this
_RADIUS_PX = 8  # of a mark, in frame px: SIRST's targets are rarely wider than 9 px
_CORNER = 1.15  # half the side of a square of corners, in radii
_TIP = 1.7  # from the centre of a triangle to its tips, in radii; its sides pass by at half of that
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


@dataclass(frozen=True)
class Judged:
    """Hits, false alarms and misses of a frame whose true targets are known.

    Attributes:
        hit: bool (n,) which of the detections are hits; the others are false alarms.
        missed: (m, 2) of (x, y) frame px, the true targets that none of them hits.
    """

    hit: NDArray[np.bool_]
    missed: Points


@dataclass(frozen=True)
class _Kind:
    """A kind of mark: its name in the legend, its colour, and how it is drawn in that colour."""

    name: str
    color: Color
    draw: Callable[[Picture, Points, "_Scale", Color], None]


def draw_overlay(frame: Frame, found: Found, judged: Judged | None = None, caption: str = "") -> Picture:
    """uint8 RGB (h, w, 3): the frame in visible contrast; small ones are enlarged by a whole factor.

    Detections are four corners with their score. Where it is known what they are, hits are green corners, false alarms
    red triangles, missed targets blue circles. A strip below says so.

    Args:
        frame: (H, W) or (H, W, 3), 8 or 16 bit.
        found: its detections.
        judged: what they are; None: unknown.
        caption: a few words for the strip, such as the frame's name.
    """
    scale = _Scale.of(*frame.shape[:2])
    picture = np.repeat(np.repeat(to_rgb(visible(frame)), scale.factor, axis=0), scale.factor, axis=1)
    picture = np.ascontiguousarray(picture)
    centers = scale.place(found.points)
    missed = scale.place(np.zeros((0, 2)) if judged is None else judged.missed)
    for center in missed:
        _MISS.draw(picture, center, scale, MISS)
    kinds = [_FOUND if judged is None else _HIT if judged.hit[index] else _FALSE for index in range(len(centers))]
    for center, kind in zip(centers, kinds, strict=True):
        kind.draw(picture, center, scale, kind.color)
    taken = [_box_round(center, _CORNER * scale.radius) for center in (*centers, *missed)]
    for center, score, kind in zip(centers, found.scores, kinds, strict=True):
        taken.append(_label(picture, (f"{score:.2f}", kind.color), center, taken, scale))
    known = (_FOUND,) if judged is None else (_HIT, _MISS, _FALSE)
    return np.vstack([picture, _legend(picture.shape[1], scale, known, caption)])


def _circle(picture: Picture, center: Points, scale: _Scale, color: Color) -> None:
    where = (round(center[0] * 2**_SUBPIXEL_BITS), round(center[1] * 2**_SUBPIXEL_BITS))
    radius = round(scale.radius * 2**_SUBPIXEL_BITS)
    for each, line in ((_DARK, scale.line + 2), (color, scale.line)):
        cv2.circle(picture, where, radius, each, line, cv2.LINE_AA, _SUBPIXEL_BITS)


def _corners(picture: Picture, center: Points, scale: _Scale, color: Color) -> None:
    reach, arm = _CORNER * scale.radius, 0.45 * scale.radius
    shapes = []
    for side_x, side_y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        tip = center + reach * np.array([side_x, side_y])
        shapes.append(np.array([tip - (side_x * arm, 0), tip, tip - (0, side_y * arm)]))
    _lines(picture, shapes, scale, color, closed=False)


def _triangle(picture: Picture, center: Points, scale: _Scale, color: Color) -> None:
    turns = np.deg2rad([-90.0, 30.0, 150.0])
    tips = center + _TIP * scale.radius * np.column_stack([np.cos(turns), np.sin(turns)])
    _lines(picture, [tips], scale, color, closed=True)


def _lines(picture: Picture, shapes: list[Points], scale: _Scale, color: Color, *, closed: bool) -> None:
    places = [np.rint(shape * 2**_SUBPIXEL_BITS).astype(np.int32) for shape in shapes]
    for each, line in ((_DARK, scale.line + 2), (color, scale.line)):
        cv2.polylines(picture, places, closed, each, line, cv2.LINE_AA, _SUBPIXEL_BITS)


_FOUND = _Kind("found, with its score", FOUND, _corners)
_HIT = _Kind("hit", HIT, _corners)
_MISS = _Kind("miss", MISS, _circle)
_FALSE = _Kind("false alarm", FALSE_ALARM, _triangle)


def _label(picture: Picture, label: tuple[str, Color], center: Points, taken: list[Box], scale: _Scale) -> Box:
    """Write a text in a colour beside a mark, in the picture and clear of `taken` if there is room; return its box."""
    text, color = label
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
    _write(picture, text, (best[0], best[1] + height), color, scale)
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


def _legend(width: int, scale: _Scale, kinds: tuple[_Kind, ...], caption: str) -> Picture:
    """Draw the legend as a strip of `width` px: entries and caption side by side, in as many rows as they need."""
    row = round(55 * scale.text)
    mark = _Scale(1, 0.27 * row, scale.line, scale.text)
    texts = [(kind.name, row) for kind in kinds] + [(caption, row // 3)] * bool(caption)
    spans = [left + cv2.getTextSize(text, _FONT, scale.text, scale.line)[0][0] + row // 3 for text, left in texts]
    places, x, y = [], 0, 0
    for span in spans:
        if x and x + span > width:
            x, y = 0, y + row
        places.append((x, y))
        x += span
    strip: Picture = np.full((y + row, max(width, *spans), 3), _DARK, dtype=np.uint8)
    for kind, (x, y) in zip(kinds, places, strict=False):
        # The triangle's middle lies below that of its height.
        center = np.array([x + row / 2, y + row * (0.56 if kind.draw is _triangle else 0.5)])
        smaller = replace(mark, radius=0.8 * mark.radius) if kind.draw is _triangle else mark
        kind.draw(strip, center, smaller, kind.color)
    for (text, left), (x, y) in zip(texts, places, strict=True):
        _write(strip, text, (x + left, y + round(0.5 * row + 12 * scale.text)), _PALE, scale)
    return strip[:, :width]
