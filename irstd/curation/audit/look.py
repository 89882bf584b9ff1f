"""One pass over the frames and masks of a dataset: each file is decoded once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from irstd.curation.audit.facts import FrameFacts, ImageFacts, MaskFacts
from irstd.curation.audit.spots import Spots
from irstd.curation.audit.stored import Stored, without_folder
from irstd.curation.progress import Progress, with_progress
from irstd.datasets.sample import Sample, points_outside
from irstd.errors import DataError
from irstd.frames import Frame, read_image, read_mask_levels
from irstd.frames.read import targets_in

_WORKERS = 4  # decoding gains little from more, and each holds a frame and its mask

Take = Callable[[Sample], None]
"""Receives a frame with its labels while they are in memory."""


def look_at_frames(stored: Stored, progress: Progress | None = None, take: Take | None = None) -> dict[str, FrameFacts]:
    """Return the facts of all frames, by name, in the order of names.

    Args:
        stored: the dataset.
        progress: called after each frame.
        take: called from several threads, in any order, with each frame that can be used. Every frame that it misses
            has an error in the audit.
    """
    points, masks = stored.points(), set(stored.masks)

    def look(name: str) -> FrameFacts:
        """Read one frame with its labels, give it to `take`, and return its facts."""
        own = None if points is None else points.get(name, np.zeros((0, 2)))
        frame, image_fault = _read(stored.folder, f"images/{name}.png")
        levels, mask_fault = (
            _read(stored.folder, f"masks/{name}.png", read_mask_levels) if name in masks else (None, "")
        )
        facts = FrameFacts(
            name=name,
            image=None if frame is None else ImageFacts.of(frame, own, None if levels is None else targets_in(levels)),
            mask=None if levels is None else MaskFacts.of(levels, frame, own),
            image_fault=image_fault,
            mask_fault=mask_fault,
            listed=own,
        )
        if frame is not None:
            facts = replace(facts, spots=Spots.of(frame, facts.points))
        if take is not None and frame is not None and _usable(facts, with_mask=bool(masks)):
            take(Sample(name, frame, facts.points, None if levels is None else targets_in(levels)))
        return facts

    with ThreadPoolExecutor(_WORKERS) as pool:
        found = with_progress(pool.map(look, stored.frames), len(stored.frames), progress)
        return {facts.name: facts for facts in found}


def _usable(facts: FrameFacts, *, with_mask: bool) -> bool:
    """Tell whether a readable frame has the labels it needs."""
    if facts.image is None or len(points_outside(facts.points, facts.image.size)):
        return False
    return facts.mask.size == facts.image.size if facts.mask is not None else not with_mask


def _read(folder: Path, name: str, read: Callable[[Path], Frame] = read_image) -> tuple[Frame | None, str]:
    """Read an image; None and the reason if it cannot be read."""
    try:
        return read(folder / name), ""
    except DataError as fault:
        return None, without_folder(fault, folder)
