"""One pass over the frames and masks of a dataset: each file is decoded once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

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
_AHEAD = 4 * _WORKERS  # so that one large frame does not stop the others

T = TypeVar("T")


@dataclass(frozen=True)
class Keeper(Generic[T]):
    """Receives the frames that can be used; every frame that it misses has an error in the audit.

    Attributes:
        take: called from several threads, in any order, with a frame and its labels; makes of it what is kept.
        keep: called from one thread with what `take` returned, in the order of `order`.
        order: the names of all frames.
    """

    take: Callable[[Sample], T]
    keep: Callable[[T], None]
    order: Sequence[str]


def look_at_frames(
    stored: Stored, progress: Progress | None = None, keeper: Keeper[T] | None = None
) -> dict[str, FrameFacts]:
    """Return the facts of all frames, by name, in the order of names; a few frames are in memory at a time.

    Args:
        stored: the dataset.
        progress: called after each frame.
        keeper: receives each frame that can be used.
    """
    points, masks = stored.points(), set(stored.masks)

    def look(name: str) -> tuple[FrameFacts, Sequence[T]]:
        """Read one frame with its labels; return its facts, and what the keeper makes of it, if it can be used."""
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
        if keeper is None or frame is None or not _usable(facts, with_mask=bool(masks)):
            return facts, ()
        sample = Sample(name, frame, facts.points, None if levels is None else targets_in(levels))
        return facts, (keeper.take(sample),)

    seen = dict[str, FrameFacts]()
    order = stored.frames if keeper is None else keeper.order
    for facts, kept in with_progress(_in_order(look, order), len(order), progress):
        seen[facts.name] = facts
        for each in kept:
            keeper.keep(each)  # type: ignore[union-attr]  # without a keeper nothing is kept
    return {name: seen[name] for name in stored.frames}


def _in_order(work: Callable[[str], T], names: Iterable[str]) -> Iterator[T]:
    """Yield the results of `work` in the order of `names`; threads are a few names ahead of the reader, no more."""
    with ThreadPoolExecutor(_WORKERS) as pool:
        ahead = deque[Future[T]]()
        for name in names:
            if len(ahead) == _AHEAD:
                yield ahead.popleft().result()
            ahead.append(pool.submit(work, name))
        while ahead:
            yield ahead.popleft().result()


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
