"""A set of new frames in any importable layout, as a folder in canonical form, with its audit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.audit.findings import Finding
from irstd.curation.importers.importing import LAYOUTS, detect_layout
from irstd.curation.importers.layout import Published
from irstd.curation.writing import DatasetWriter
from irstd.datasets.canonical import DatasetInfo
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.sample import Sample
from irstd.files import new_folder

_NO_SPLITS = "empty-split"  # a set has no splits of its own, so this rule does not apply


@dataclass(frozen=True)
class StagedSet:
    """A set of new frames in canonical form, all in train.

    Attributes:
        name: prefix of its frames' names, of letters, digits, '.', '_' and '-'.
        folder: folder of the canonical form.
        digest: `fingerprint` of the set as it came.
        audit: its audit.
    """

    name: str
    folder: Path
    digest: str
    audit: Audit

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Errors that keep the set out."""
        return tuple(finding for finding in self.audit.errors if finding.rule != _NO_SPLITS)


def stage_set(source: Path, home: Path) -> StagedSet:
    """Write the set in `source` in canonical form below `home`, and audit it. `source` is only read.

    Its frames are those of its lists if it has a train list, else all. Its own splits are not used.

    Raises:
        DataError: no known layout, or a file cannot be read or written.
    """
    name, digest = plain_name(source.name), fingerprint(source)  # first, so that it covers no more than what is read
    opened = LAYOUTS[detect_layout(source)].open(source, None)
    staged = home / digest[:16]  # two sets may have one name
    with new_folder(staged) as folder:
        writer = DatasetWriter(folder, DatasetInfo(name=name), with_points=opened.with_points)
        for sample in _samples(opened):
            writer.add(sample, "train")
        writer.finish(all_splits=False)
    return StagedSet(name, staged, digest, check_dataset(staged))


def plain_name(name: str) -> str:
    """Return `name` with a dash for every run of characters that a frame's name cannot have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "set"


def longest_prefix(name: str, digest: str) -> str:
    """Return the prefix of frames whose set's plain name is that of another in the dataset."""
    return f"{name}-{digest[:8]}"


def _samples(opened: Published) -> Iterator[Sample]:
    listed = [name for names in opened.splits.values() for name in names]
    yield from map(opened.sample, listed if "train" in opened.splits else opened.names)
