"""From any known layout into the canonical form."""

from collections.abc import Callable, Mapping
from pathlib import Path

from irstd.data.canonical import DatasetInfo, check_name
from irstd.data.formats.layout import Layout
from irstd.data.formats.open_sirst import OPEN_SIRST
from irstd.data.writing import check_target, new_dataset
from irstd.errors import DataError, lookup

LAYOUTS: Mapping[str, Layout] = {
    "open-sirst": OPEN_SIRST,
}


def detect_layout(source: Path) -> str:
    """The name of the layout that the folder `source` has, told by its files.

    Raises:
        DataError: there is no such folder, or no known layout; the message says what was looked for.
    """
    _check_folder(source)
    for name, layout in LAYOUTS.items():
        if layout.recognises(source):
            return name
    sought = "; ".join(f"{name} has {layout.signs}" for name, layout in LAYOUTS.items())
    raise DataError(f"{source}: no known layout; looked for: {sought}")


def import_dataset(  # noqa: PLR0913  five say what to do, progress shows it
    source: Path,
    destination: Path,
    name: str,
    layout: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    replace: bool = False,
) -> Path:
    """Write the dataset in `source` to the folder `destination`/`name` in canonical form, and return that folder.

    Frames keep their pixels, splits their frames and order; masks become 0 and 255. `source` is only read.

    Args:
        source: the folder as published.
        destination: where datasets are kept, `data/raw`.
        name: the dataset's name.
        layout: of the table LAYOUTS; None: told by its files.
        progress: called with (done, all) after each frame.
        replace: whether a dataset of that name may be replaced; it stays until the new one is complete.

    Raises:
        DataError: no dataset name, no such folder, no known layout, the target exists, or a file cannot be read.
        UnknownNameError: no such layout; the message lists the known ones.
    """
    folder = destination / check_name(name)
    check_target(folder, replace=replace)
    opened = _layout(source, layout).open(source)
    info = DatasetInfo(name=name, source=opened.source, citation=opened.citation, licence=opened.licence)
    total, done = sum(map(len, opened.splits.values())), 0
    with new_dataset(folder, info, with_points=opened.with_points, replace=replace) as writer:
        for split, names in opened.splits.items():
            for frame in names:
                writer.add(opened.sample(frame), split)
                done += 1
                if progress is not None:
                    progress(done, total)
    return folder


def _layout(source: Path, name: str | None) -> Layout:
    if name is None:
        return LAYOUTS[detect_layout(source)]
    layout = lookup(LAYOUTS, name, "layout")
    _check_folder(source)
    if not layout.recognises(source):
        raise DataError(
            f"{source}: is not of layout {name}, which has {layout.signs}; leave the layout out to detect it"
        )
    return layout


def _check_folder(source: Path) -> None:
    if not source.is_dir():
        raise DataError(f"{source}: no such folder; give the one that holds the dataset")
