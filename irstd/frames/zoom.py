"""A frame with its misses and false alarms enlarged beside it."""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from irstd.frames.overlay import Found, Judged, Picture, Points, draw_overlay
from irstd.frames.read import Frame

_SIDE_PX = 40  # of an enlarged window, in frame px: five times a mark's radius
_WINDOWS = 2
_GAP_PX = 6


@dataclass(frozen=True)
class _Part:
    """The detections inside a window."""

    points: Points
    scores: Points


def draw_with_zooms(frame: Frame, found: Found, judged: Judged, caption: str = "") -> Picture:
    """uint8 RGB (h, w, 3): the overlay of a frame, and to its right up to two windows round what is wrong in it.

    Missed targets come first, then false alarms by falling score; each window shows what the ones before do not.
    Arguments as in `draw_overlay`.
    """
    whole = draw_overlay(frame, found, judged, caption)
    side = min(_SIDE_PX, *frame.shape[:2])
    tiles = [_tile(frame, found, judged, corner, side) for corner in _corners(frame, found, judged, side)]
    height = max(part.shape[0] for part in (whole, *tiles))
    parts = [_tall(whole, height)]
    for tile in tiles:
        parts += [np.full((height, _GAP_PX, 3), 255, np.uint8), _tall(tile, height)]
    return np.hstack(parts)


def _corners(frame: Frame, found: Found, judged: Judged, side: int) -> list[tuple[int, int]]:
    """Return the top left corners (x, y) of the windows."""
    false = ~judged.hit
    order = np.argsort(-np.asarray(found.scores)[false], kind="stable")
    wrong = np.vstack([np.reshape(judged.missed, (-1, 2)), np.reshape(found.points, (-1, 2))[false][order]])
    shown, corners = np.zeros(len(wrong), bool), list[tuple[int, int]]()
    for index, point in enumerate(wrong):
        if len(corners) == _WINDOWS:
            break
        if shown[index]:
            continue
        most = np.array([frame.shape[1] - side, frame.shape[0] - side])
        left, top = np.clip(np.rint(point - side / 2).astype(int), 0, most)
        corners.append((int(left), int(top)))
        shown |= _inside(wrong, (int(left), int(top)), side)
    return corners


def _tile(frame: Frame, found: Found, judged: Judged, corner: tuple[int, int], side: int) -> Picture:
    left, top = corner
    here, missed = (_inside(points, corner, side) for points in (found.points, judged.missed))
    part = _Part(np.reshape(found.points, (-1, 2))[here] - corner, np.asarray(found.scores)[here])
    own = Judged(judged.hit[here], np.reshape(judged.missed, (-1, 2))[missed] - corner)
    window = cast(Frame, np.ascontiguousarray(frame[top : top + side, left : left + side]))
    return draw_overlay(window, part, own, f"x {left} to {left + side}, y {top} to {top + side}")


def _inside(points: Points, corner: tuple[int, int], side: int) -> NDArray[np.bool_]:
    placed = np.reshape(points, (-1, 2)) - corner
    return np.asarray(np.all((placed >= 0) & (placed < side), axis=1))


def _tall(picture: Picture, height: int) -> Picture:
    """Pad a picture with white below."""
    return np.pad(picture, ((0, height - picture.shape[0]), (0, 0), (0, 0)), constant_values=255)
