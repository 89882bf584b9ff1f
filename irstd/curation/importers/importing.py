"""From any known layout into the canonical form."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from irstd.curation.carving import complete_splits
from irstd.curation.importers.basic_irstd import BASIC_IRSTD
from irstd.curation.importers.dnanet import DNANET
from irstd.curation.importers.irstd_1k import IRSTD_1K_LAYOUT
from irstd.curation.importers.layout import Layout, Published
from irstd.curation.importers.open_sirst import OPEN_SIRST
from irstd.curation.importers.plain import PLAIN
from irstd.curation.importers.spire import SPIRE
from irstd.curation.near_duplicates import similar_groups, thumbnail
from irstd.curation.writing import check_target, new_dataset
from irstd.datasets.canonical import DatasetInfo, check_name
from irstd.errors import DataError, lookup

_FALLBACK = "plain"  # what others are too, so it is told only where none of them fits

LAYOUTS: Mapping[str, Layout] = {
    "open-sirst": OPEN_SIRST,
    "basicirstd": BASIC_IRSTD,
    "dnanet": DNANET,
    "irstd-1k": IRSTD_1K_LAYOUT,
    "spire": SPIRE,
    _FALLBACK: PLAIN,
}

Progress = Callable[[int, int], None]


def detect_layout(source: Path) -> str:
    """The name of the layout that the folder `source` has, told by its files.

    Raises:
        DataError: there is no such folder, no known layout or more than one; the message says what was looked for.
    """
    _check_folder(source)
    lacking = {name: layout.lacks(source) for name, layout in LAYOUTS.items()}
    fitting = [name for name, missing in lacking.items() if missing is None and name != _FALLBACK]
    if len(fitting) > 1:
        raise DataError(f"{source}: has the layouts {' and '.join(fitting)}; choose one of them (--layout NAME)")
    if fitting:
        return fitting[0]
    if lacking[_FALLBACK] is None:
        return _FALLBACK
    sought = "; ".join(f"{name} ({missing})" for name, missing in lacking.items())
    raise DataError(f"{source}: no known layout; looked for: {sought}")


def import_dataset(  # noqa: PLR0913  what to do, which of several, and how to show it
    source: Path,
    destination: Path,
    name: str,
    layout: str | None = None,
    progress: Progress | None = None,
    *,
    replace: bool = False,
    seed: int = 0,
    lists: str | None = None,
) -> Path:
    """Write the dataset in `source` to the folder `destination`/`name` in canonical form, and return that folder.

    Frames keep their pixels, official splits their frames and order; masks become 0 and 255. A validation split that is
    not there is carved out of train, and a test split too: one frame in five, near-duplicates on one side. How the
    splits came about stands in dataset.json. `source` is only read.

    Args:
        source: the folder as published.
        destination: where datasets are kept, `data/raw`.
        name: the dataset's name.
        layout: of the table LAYOUTS; None: told by its files.
        progress: called with (done, all) after each frame; frames that splits are carved out of are read twice.
        replace: whether a dataset of that name may be replaced; it stays until the new one is complete.
        seed: of the carved splits, from 0.
        lists: which of several sets of lists of splits; None: there is one at most.

    Raises:
        DataError: no dataset name, no such folder, no known layout, the target exists, or a file cannot be read.
        UnknownNameError: no such layout or lists; the message lists the known ones.
    """
    folder = destination / check_name(name)
    check_target(folder, replace=replace)
    chosen = _layout(source, layout)
    if source.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{folder}: holds the source {source}, which is only read; choose another name")
    opened = chosen.open(source, lists)
    steps = _Steps(progress, _frames_in(opened))
    splits = complete_splits(opened.names, opened.splits, lambda names: _groups(opened, names, steps), seed)
    info = DatasetInfo(name=name, splits=splits.origin, **asdict(opened.origin))
    with new_dataset(folder, info, with_points=opened.with_points, replace=replace) as writer:
        for split, names in splits.frames.items():
            for frame in names:
                writer.add(opened.sample(frame), split)
                steps.done_one()
    return folder


class _Steps:
    """Counts what is done for `report`, which is called with (done, all)."""

    def __init__(self, report: Progress | None, total: int) -> None:
        self._report, self._done, self._total = report, 0, total

    def add(self, steps: int) -> None:
        """There are so many more to do."""
        self._total += steps

    def done_one(self) -> None:
        """One more is done."""
        self._done += 1
        if self._report is not None:
            self._report(self._done, self._total)


def _frames_in(opened: Published) -> int:
    """How many frames the imported dataset will have."""
    return sum(map(len, opened.splits.values())) if "train" in opened.splits else len(opened.names)


def _groups(opened: Published, names: tuple[str, ...], steps: _Steps) -> list[tuple[str, ...]]:
    steps.add(len(names))
    thumbnails = {}
    for name in names:
        thumbnails[name] = thumbnail(opened.frame(name))
        steps.done_one()
    return similar_groups(thumbnails)


def _layout(source: Path, name: str | None) -> Layout:
    if name is None:
        return LAYOUTS[detect_layout(source)]
    layout = lookup(LAYOUTS, name, "layout")
    _check_folder(source)
    missing = layout.lacks(source)
    if missing is not None:
        raise DataError(
            f"{source}: is not of layout {name}, which has {layout.signs}: {missing}; leave the layout out to detect it"
        )
    return layout


def _check_folder(source: Path) -> None:
    if not source.is_dir():
        raise DataError(f"{source}: no such folder; give the one that holds the dataset")
