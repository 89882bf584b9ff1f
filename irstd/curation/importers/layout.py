"""What an importer has to tell of its layout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.importers.origins import Origin
from irstd.datasets.sample import Sample
from irstd.frames import Frame


@dataclass(frozen=True)
class Published:
    """A dataset in the form in which it was published, opened.

    Attributes:
        origin: who published it.
        names: all its frames.
        splits: of train, val and test those that it has lists for, each the names of its frames.
        frame: the frame of a name.
        sample: the frame of a name with its labels.
        with_points: whether its points say more than its masks.
    """

    origin: Origin
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    frame: Callable[[str], Frame]
    sample: Callable[[str], Sample]
    with_points: bool = False


@dataclass(frozen=True)
class Layout:
    """A way in which datasets are published.

    Attributes:
        signs: the files it is recognised by, as a message shows them.
        lacks: what a folder lacks of them, as a message shows it; None: it has this layout. Never raises.
        open: the dataset in a folder of this layout; the second argument chooses one of several sets of lists.
    """

    signs: str
    lacks: Callable[[Path], str | None]
    open: Callable[[Path, str | None], Published]


def lacks_folder(source: Path, *names: str) -> str | None:
    """The first of the folders `names` that is not in `source`, as a message shows it; None: all are there."""
    return next((f"no {name}/" for name in names if not (source / name).is_dir()), None)
