"""A set of new frames, in any importable layout, as a folder the audit can look at."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.audit import Audit, Finding, check_dataset
from irstd.curation.importers.importing import LAYOUTS, detect_layout
from irstd.curation.importers.layout import Published
from irstd.curation.writing import DatasetWriter
from irstd.datasets.canonical import SOFT_MASKS, SPLITS, DatasetInfo
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.points_csv import Row, write_points
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files import new_folder, write_text

_NO_SPLITS = "empty-split"  # a set has no splits of its own, so that rule does not hold for it


@dataclass(frozen=True)
class StagedSet:
    """A set of new frames in canonical form, all of them in the list of train.

    Attributes:
        name: what its frames are called by, of letters, digits, '.', '_' and '-'.
        folder: where the canonical form is.
        digest: `fingerprint` of the set as it came.
        audit: what is known of it.
    """

    name: str
    folder: Path
    digest: str
    audit: Audit

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps it out."""
        return tuple(finding for finding in self.audit.errors if finding.rule != _NO_SPLITS)


def stage_set(source: Path, home: Path) -> StagedSet:
    """The set in `source`, which is only read, in canonical form below `home`, and its audit.

    Its frames are those of its lists where it has a train list, else all: what splits it was published in is of no
    concern to the dataset it goes into.

    Raises:
        DataError: no known layout, or a file cannot be read or written.
    """
    opened = LAYOUTS[detect_layout(source)].open(source, None)
    name, digest = plain_name(source.name), fingerprint(source)
    staged = home / digest[:16]  # and not its name, which two sets may share
    with new_folder(staged) as folder:
        _write(folder, DatasetInfo(name=name), opened)
    return StagedSet(name, staged, digest, check_dataset(staged))


def plain_name(name: str) -> str:
    """`name` with a dash for every run of characters that a frame's name does without."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "set"


def _write(folder: Path, info: DatasetInfo, opened: Published) -> None:
    writer = DatasetWriter(folder, info, with_points=True)
    names, rows, soft, masks = [], list[Row](), list[str](), 0
    for sample in _samples(opened):
        writer.add(sample, "train")
        names.append(sample.name)
        rows += [Row(sample.name, float(x), float(y)) for x, y in sample.points]
        soft += [sample.name] if sample.soft else []
        masks += sample.mask is not None
    if not names:
        raise DataError(f"{info.name}: holds no frame; a set needs at least one")
    if masks == 0:
        (folder / "masks").rmdir()
    for split in SPLITS:
        write_text(folder / "splits" / f"{split}.txt", "".join(f"{n}\n" for n in names) if split == "train" else "")
    if opened.with_points or masks == 0:
        write_points(folder / "points.csv", rows)
    write_text(folder / "dataset.json", json.dumps({"name": info.name, SOFT_MASKS: soft}) + "\n")


def _samples(opened: Published) -> Iterator[Sample]:
    listed = [name for names in opened.splits.values() for name in names]
    yield from map(opened.sample, listed if "train" in opened.splits else opened.names)
