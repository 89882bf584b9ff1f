"""The import of a dataset: from any known layout into the canonical form."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from irstd.curation.carving import complete_splits
from irstd.curation.importers.boxes import BOXES
from irstd.curation.importers.layout import Layout, Published
from irstd.curation.importers.lists import SeveralListsError
from irstd.curation.importers.masked import MASKED
from irstd.curation.importers.plain import PLAIN
from irstd.curation.importers.spire import SPIRE
from irstd.curation.near_duplicates import similar_groups, thumbnail
from irstd.curation.progress import Progress, with_progress
from irstd.curation.pseudo_masks import mask_origin, pseudo_mask
from irstd.curation.scenes import SCENES, Scenes, find_scenes
from irstd.curation.sequences import joined, with_sequences
from irstd.curation.writing import check_target, new_dataset
from irstd.datasets.canonical import DatasetInfo, check_name
from irstd.datasets.sample import Sample
from irstd.errors import DataError, lookup

_FALLBACKS = ("plain", "boxes")  # other layouts look like them too, so each is recognised only if none before it fits

LAYOUTS: Mapping[str, Layout] = {**MASKED, "spire": SPIRE, "plain": PLAIN, "boxes": BOXES}
CENTRE = "centre"
"""The one way to take boxes for points."""
POINTS = "points"
"""The one way to make masks."""


def detect_layout(source: Path) -> str:
    """Recognise the layout of the folder `source` by its files, and return its name.

    Raises:
        DataError: no such folder, no known layout or more than one; the message says what each layout lacks.
    """
    _check_folder(source)
    lacking = {name: layout.lacks(source) for name, layout in LAYOUTS.items()}
    fitting = [name for name, missing in lacking.items() if missing is None and name not in _FALLBACKS]
    if len(fitting) > 1:
        raise DataError(f"{source}: has the layouts {' and '.join(fitting)}; choose one of them (--layout NAME)")
    if fitting:
        return fitting[0]
    for name in _FALLBACKS:
        if lacking[name] is None:
            return name
    inside = (path for path in sorted(source.glob("[!.]*")) if path.is_dir())
    inner = [path for path in inside if any(layout.lacks(path) is None for layout in LAYOUTS.values())]
    if inner:
        raise DataError(f"{source}: no known layout, but its folder '{inner[0].name}' has one; give {inner[0]}")
    sought = "; ".join(f"{name} ({missing})" for name, missing in lacking.items())
    raise DataError(f"{source}: no known layout; looked for: {sought}")


def required_options(source: Path, layout: str) -> str:
    """Return the options of `irstd data import` without which this folder of that layout is refused; mostly none."""
    if layout == "boxes":
        return f" --boxes {CENTRE}"
    try:
        LAYOUTS[layout].open(source, None)
    except SeveralListsError as fault:
        return f" --lists {fault.names[0]}"
    except DataError:  # which the import will tell
        return ""
    return ""


def import_dataset(  # noqa: PLR0913  (an import has its options)
    source: Path,
    destination: Path,
    name: str,
    layout: str | None = None,
    progress: Progress | None = None,
    *,
    replace: bool = False,
    seed: int = 0,
    lists: str | None = None,
    boxes: str | None = None,
    masks: str | None = None,
) -> Path:
    """Write the dataset in `source` to the folder `destination`/`name` in canonical form, and return that folder.

    Frames keep their pixels, official splits their frames and order; masks become 0 and 255. A missing test split, then
    a missing validation split, is carved out of train: one frame in five, near-duplicates and frames of one sequence on
    one side; where clips are told (sequences.csv), whole scenes, which scenes.csv then lists. dataset.json records the
    origin of the splits. `source` is only read.

    Args:
        source: the folder as published.
        destination: folder of all datasets, `data/raw`.
        name: name of the new dataset.
        layout: a name in LAYOUTS; None: recognised by the files.
        progress: called with (done, total) after each frame written.
        replace: replace a dataset of that name; it stays until the new one is complete.
        seed: seed of the carved splits, from 0.
        lists: name of one of several sets of lists; None: there is at most one set.
        boxes: "centre": a box without a point is a target at its centre; None: a box is no label.
        masks: "points": a set without masks gets pseudo-masks of its points, and dataset.json says so; None: as
            published. Without masks a set can be learned from by point models, but not scored.

    Raises:
        DataError: no dataset name, no such folder, no known layout, the target exists, a file cannot be read, or
            pseudo-masks are asked for and there are masks.
        UnknownNameError: no such layout, lists, or way to take boxes or masks; the message lists the known ones.
    """
    folder = destination / check_name(name)
    check_target(folder, replace=replace)
    chosen = _layout(source, layout)
    if source.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{folder}: contains the source {source}, which is only read; choose another name")
    opened = _masked(_opener(source, chosen, boxes)(source, lists), masks)
    grouping = _Grouping(opened)
    splits = complete_splits(opened.names, opened.splits, grouping, seed, of_all=bool(opened.clips))
    info = DatasetInfo(name=name, splits=f"{splits.origin}{grouping.told}", **asdict(opened.origin))
    with new_dataset(folder, info, with_points=opened.with_points, replace=replace) as writer:
        listed = [(split, frame) for split, frames in splits.frames.items() for frame in frames]
        boxed = False
        for split, frame in with_progress(listed, len(listed), progress):
            sample = opened.sample(frame)
            boxed = boxed or sample.boxes is not None
            writer.add(sample, split)
        writer.parts = opened.parts
        if masks is not None:
            origin = mask_origin(has_masks=False, has_boxes=boxed)
            counts = {split: len(frames) for split, frames in splits.frames.items()}
            writer.parts = [{**asdict(info), "masks": origin, "counts": counts}]
        if grouping.scenes is not None:
            writer.add_table(SCENES, grouping.scenes.table(opened.clips, splits.frames))
    return folder


def _opener(source: Path, layout: Layout, boxes: str | None) -> Callable[[Path, str | None], Published]:
    if boxes is None:
        return layout.open
    lookup({CENTRE: CENTRE}, boxes, "way to take boxes")
    if layout.open_boxes is None:
        raise DataError(f"{source}: its layout has no boxes; omit --boxes")
    return layout.open_boxes


def _masked(opened: Published, masks: str | None) -> Published:
    if masks is None:
        return opened
    lookup({POINTS: POINTS}, masks, "way to make masks")

    def sample(name: str) -> Sample:
        read = opened.sample(name)
        if read.mask is not None:
            raise DataError(f"{name}: has a mask; omit --masks, which makes masks where there are points alone")
        return replace(read, mask=pseudo_mask(read))

    return replace(opened, sample=sample, with_points=True)


class _Grouping:
    """Divides frames into groups that stay together: nearly equal ones, and those of one sequence or scene.

    Attributes:
        scenes: the scenes, if the dataset tells its clips; None before they were asked for.
    """

    def __init__(self, opened: Published) -> None:
        self._opened = opened
        self.scenes: Scenes | None = None

    def __call__(self, names: tuple[str, ...]) -> list[tuple[str, ...]]:
        samples = ((name, self._opened.sample(name)) for name in names)
        groups = similar_groups({name: thumbnail(each.frame, each.points, each.mask) for name, each in samples})
        clips = {name: self._opened.clips[name] for name in names if name in self._opened.clips}
        if not clips:
            return with_sequences(groups)
        by_clip: dict[str, list[str]] = {}
        for name, clip in clips.items():
            by_clip.setdefault(clip, []).append(name)
        self.scenes = find_scenes(by_clip, self._opened.sample)
        numbers = {name: str(self.scenes.of_clip[clip]) for name, clip in clips.items()}
        return joined(groups, [{numbers[name] for name in group if name in numbers} for group in groups])

    @property
    def told(self) -> str:
        """The end of the line on the splits' origin."""
        if self.scenes is None:
            return ""
        of_clip = self.scenes.of_clip
        return f"; by scene: {len(of_clip)} clips in {len(set(of_clip.values()))} scenes, listed in {SCENES}"


def _layout(source: Path, name: str | None) -> Layout:
    if name is None:
        return LAYOUTS[detect_layout(source)]
    layout = lookup(LAYOUTS, name, "layout")
    _check_folder(source)
    missing = layout.lacks(source)
    if missing is not None:
        raise DataError(
            f"{source}: is not of layout {name}, which has {layout.signs}: {missing}; omit --layout to detect it"
        )
    return layout


def _check_folder(source: Path) -> None:
    if not source.is_dir():
        raise DataError(f"{source}: no such folder; give the one that holds the dataset")
