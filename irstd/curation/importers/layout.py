"""The contract of an importer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irstd.curation.importers.origins import Origin
from irstd.datasets.sample import Sample


@dataclass(frozen=True)
class Published:
    """An opened dataset in a published layout.

    Attributes:
        origin: its publisher, citation and licence.
        names: names of all frames.
        splits: names of the frames of each of train, val and test that it has a list for.
        sample: reads the frame of a name with its labels.
        with_points: True if its points do not follow from its masks.
        parts: what dataset.json says of the datasets that it was joined of; empty for any other.
        clips: name of the clip that each frame is of; empty where that is not told.
    """

    origin: Origin
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    sample: Callable[[str], Sample]
    with_points: bool = False
    parts: Sequence[Mapping[str, Any]] = ()
    clips: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A published layout.

    Attributes:
        signs: the files that identify it, for messages.
        lacks: says what a folder lacks of them, for messages; None if the folder has this layout. Never raises.
        open: opens the dataset in a folder of this layout; the second argument names one of several sets of lists.
        open_boxes: does that with the centres of boxes as points; None for a layout that has no boxes.
    """

    signs: str
    lacks: Callable[[Path], str | None]
    open: Callable[[Path, str | None], Published]
    open_boxes: Callable[[Path, str | None], Published] | None = None


def lacks_folder(source: Path, *names: str) -> str | None:
    """Name the first of the folders `names` that `source` lacks, for messages; None if it has all."""
    return next((f"no {name}/" for name in names if not (source / name).is_dir()), None)
