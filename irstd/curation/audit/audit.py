"""The audit of a dataset: everything that is wrong with it or should be known of it, at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.audit.duplicates import NearDuplicate, exact_duplicates, find_near_duplicates, near_duplicates
from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding
from irstd.curation.audit.images import check_images
from irstd.curation.audit.look import Progress, look_at_frames
from irstd.curation.audit.masks import check_masks
from irstd.curation.audit.points import check_points
from irstd.curation.audit.splits import check_splits
from irstd.curation.audit.statistics import Statistics, statistics_of
from irstd.curation.audit.stored import Stored


@dataclass(frozen=True)
class Audit:
    """What is known of a dataset after every file of it was looked at.

    Attributes:
        folder: where it is.
        findings: errors first.
        near_duplicates: pairs of frames in different splits that show nearly the same picture.
        statistics: its figures.
        frames: the facts of each frame, by name.
        homes: the split of each frame that stands in one, in the order of the lists.
    """

    folder: Path
    findings: tuple[Finding, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    statistics: Statistics
    frames: Mapping[str, FrameFacts]
    homes: Mapping[str, str]

    @property
    def name(self) -> str:
        """The dataset's name, which is its folder's."""
        return self.folder.resolve().name

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What has to be mended before the dataset can be used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is to be known."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")


def check_dataset(folder: Path, progress: Progress | None = None) -> Audit:
    """The audit of the canonical dataset in `folder`, which is only read; a fault is a finding and ends nothing.

    Raises:
        DataError: there is no such folder, or it holds no frame at all.
    """
    stored = Stored.of(folder)
    seen, homes = look_at_frames(stored, progress), stored.homes()
    pairs = find_near_duplicates(seen, homes)
    findings = [*_rules(stored, seen), *exact_duplicates(seen, homes), *near_duplicates(pairs, homes)]
    return Audit(
        folder=folder,
        findings=tuple(sorted(findings, key=lambda finding: finding.severity)),  # stable: "error" before "warning"
        near_duplicates=pairs,
        statistics=statistics_of(seen, homes),
        frames=seen,
        homes=homes,
    )


def _rules(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    yield from stored.faults
    yield from check_images(stored, seen)
    yield from check_masks(stored, seen)
    yield from check_points(stored, seen)
    yield from check_splits(stored)
