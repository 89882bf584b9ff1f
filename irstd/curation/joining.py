"""Several canonical datasets as one, for a detector that learns from all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import permutations
from pathlib import Path

from irstd.curation.near_duplicates import SIMILAR, Thumbnail, similar_pairs, thumbnail
from irstd.curation.progress import Progress, with_progress
from irstd.curation.pseudo_masks import mask_origin, pseudo_mask
from irstd.curation.writing import check_target, new_dataset
from irstd.datasets.canonical import SOFT_MASKS, SPLITS, CanonicalDataset, DatasetInfo, check_name
from irstd.datasets.frame_tables import Moment
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files.reading import read_object


@dataclass(frozen=True)
class _Part:
    """One of the datasets.

    Attributes:
        data: the dataset.
        soft: its frames whose published masks had more than two levels.
    """

    data: CanonicalDataset
    soft: frozenset[str]

    @classmethod
    def open(cls, folder: Path) -> "_Part":
        record = read_object(folder / "dataset.json") if (folder / "dataset.json").is_file() else {}
        return cls(CanonicalDataset.open(folder), frozenset(record.get(SOFT_MASKS, ())))

    @property
    def name(self) -> str:
        return self.data.info.name

    def sample(self, name: str, *, with_masks: bool) -> Sample:
        """Read a frame under its new name; `with_masks` one without a mask gets a pseudo-mask."""
        sample = self.data.sample(name)
        clip = sample.moment
        return replace(
            sample,
            name=f"{self.name}-{name}",
            mask=pseudo_mask(sample) if with_masks and sample.mask is None else sample.mask,
            soft=name in self.soft,
            moment=clip and Moment(f"{self.name}-{clip.clip}", clip.index),
        )

    def record(self, *, with_masks: bool) -> dict[str, object]:
        """Return what dataset.json says of it."""
        made = mask_origin(has_masks=self.data.has_masks, has_boxes=self.data.boxes is not None)
        counts = {split: len(names) for split, names in self.data.splits.items()}
        return {**asdict(self.data.info), **({"masks": made} if with_masks else {}), "counts": counts}


def join_datasets(
    folder: Path, sources: Sequence[Path], progress: Progress | None = None, *, replace: bool = False
) -> list[str]:
    """Write the datasets in `sources` as one to `folder`; return a line for each two with the same scenes on two sides.

    A frame is called SET-FRAME and stays in its split; pixels, points, boxes and clips are as they were. Where one set
    has masks, frames of the others get pseudo-masks of their points, and dataset.json says so.

    Args:
        folder: the new dataset.
        sources: two or more canonical datasets with different names.
        progress: called with (done, total) after each frame.
        replace: replace a dataset that is there; it stays until the new one is complete.

    Raises:
        DataError: fewer than two sets, two of one name, or a file cannot be read or written.
    """
    check_target(folder, replace=replace)
    parts = [_Part.open(source) for source in sources]
    names = [part.name for part in parts]
    if len(set(names)) < max(len(names), 2):
        raise DataError(f"{folder}: needs two or more datasets of different names, got {', '.join(names)}")
    if any(source.resolve().is_relative_to(folder.resolve()) for source in sources):
        raise DataError(f"{folder}: is one of the datasets to be joined; choose another name")
    with_masks = any(part.data.has_masks for part in parts)
    with_points = any(part.data.points is not None for part in parts)
    pictures = {(name, split): dict[str, Thumbnail]() for name in names for split in SPLITS}
    listed = [(part, split, frame) for part in parts for split in SPLITS for frame in part.data.splits[split]]
    with new_dataset(folder, _info(folder, parts), with_points=with_points, replace=replace) as writer:
        for part, split, frame in with_progress(listed, len(listed), progress):
            sample = part.sample(frame, with_masks=with_masks)
            writer.add(sample, split)
            pictures[part.name, split][sample.name] = thumbnail(sample.frame, sample.points, sample.mask)
        writer.parts = [part.record(with_masks=with_masks) for part in parts]
    return list(_shared_scenes(names, pictures))


def _info(folder: Path, parts: Sequence[_Part]) -> DatasetInfo:
    def each(field: str) -> str:
        return "; ".join(f"{part.name}: {getattr(part.data.info, field) or 'not known'}" for part in parts)

    texts = {field: each(field) for field in ("source", "citation", "licence", "splits")}
    return DatasetInfo(name=check_name(folder.resolve().name), **texts)


def _shared_scenes(sets: Sequence[str], pictures: Mapping[tuple[str, str], Mapping[str, Thumbnail]]) -> Iterator[str]:
    """Yield a line for each two sets and splits with near-duplicates, the scored split first."""
    for scored, learned in (("test", "train"), ("test", "val"), ("val", "train")):
        for one, other in permutations(sets, 2):
            pairs = similar_pairs(pictures[one, scored], pictures[other, learned])
            if pairs:
                yield (
                    f"{len({pair.first for pair in pairs})} frames of {one}'s {scored} correlate above {SIMILAR:g} "
                    f"with frames of {other}'s {learned}, such as {pairs[0].first} with {pairs[0].second}; leave one "
                    f"of the sets out, or read {scored} figures with care"
                )
