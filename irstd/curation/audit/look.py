"""Looking at every frame and mask of a dataset once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.facts import FrameFacts, ImageFacts, MaskFacts
from irstd.curation.audit.stored import Stored, without_folder
from irstd.errors import DataError
from irstd.frames import Frame, read_image

_WORKERS = 4  # decoding gains little from more, and each holds a frame and its mask

Progress = Callable[[int, int], None]


def look_at_frames(stored: Stored, progress: Progress | None = None) -> dict[str, FrameFacts]:
    """The facts of every frame, by name, in the order of names."""
    points, masks = stored.points(), set(stored.masks)

    def look(name: str) -> FrameFacts:
        own = None if points is None else points.get(name, np.zeros((0, 2)))
        return _look(stored.folder, name, own, with_mask=name in masks)

    seen = dict[str, FrameFacts]()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for done, facts in enumerate(pool.map(look, stored.frames), start=1):
            seen[facts.name] = facts
            if progress is not None:
                progress(done, len(stored.frames))
    return seen


def _look(folder: Path, name: str, points: NDArray[np.float64] | None, *, with_mask: bool) -> FrameFacts:
    frame, image_fault = _read(folder, f"images/{name}.png")
    levels, mask_fault = _read(folder, f"masks/{name}.png") if with_mask else (None, "")
    mask = None if levels is None else MaskFacts.of(levels, frame, points)
    if points is None:
        points = np.zeros((0, 2)) if mask is None else mask.centroids
    return FrameFacts(
        name=name,
        image=None if frame is None else ImageFacts.of(frame),
        mask=mask,
        image_fault=image_fault,
        mask_fault=mask_fault,
        points=points,
    )


def _read(folder: Path, name: str) -> tuple[Frame | None, str]:
    """The image, or None and why it cannot be read."""
    try:
        return read_image(folder / name), ""
    except DataError as fault:
        return None, without_folder(fault, folder)
