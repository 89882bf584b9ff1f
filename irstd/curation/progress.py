"""Progress of work on many frames."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with (done, total) after each frame."""


def with_progress(items: Iterable[T], total: int, progress: Progress | None) -> Iterator[T]:
    """Yield the items; once the work on one is done, call `progress` with (done, total)."""
    for done, item in enumerate(items, start=1):
        yield item
        if progress is not None:
            progress(done, total)
