"""What an importer has to tell of its layout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.data.sample import Sample


@dataclass(frozen=True)
class Published:
    """A dataset in the form in which it was published, opened.

    Attributes:
        source: who published it.
        citation: what to cite.
        licence: under what terms it may be used.
        splits: train, val and test, each the names of its frames.
        sample: the frame of a name with its labels.
        with_points: whether its points say more than its masks.
    """

    source: str
    citation: str
    licence: str
    splits: Mapping[str, tuple[str, ...]]
    sample: Callable[[str], Sample]
    with_points: bool


@dataclass(frozen=True)
class Layout:
    """A way in which datasets are published.

    Attributes:
        signs: the files it is recognised by, as a message shows them.
        recognises: whether a folder has this layout; never raises.
        open: the dataset in a folder of this layout.
    """

    signs: str
    recognises: Callable[[Path], bool]
    open: Callable[[Path], Published]
