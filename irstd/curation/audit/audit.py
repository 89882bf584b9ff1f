"""The audit of a dataset: all its faults at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from irstd.curation.audit.duplicates import NearDuplicate, exact_duplicates, find_near_duplicates, near_duplicates
from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted
from irstd.curation.audit.images import check_images
from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.masks import check_masks
from irstd.curation.audit.placement import check_placement
from irstd.curation.audit.points import check_points
from irstd.curation.audit.splits import check_splits
from irstd.curation.audit.statistics import Statistics, statistics_of
from irstd.curation.audit.stored import Stored
from irstd.curation.progress import Progress


@dataclass(frozen=True)
class Audit:
    """Result of an audit.

    Attributes:
        stored: content of the dataset's folder.
        findings: errors first.
        near_duplicates: pairs of nearly equal frames in different splits.
        statistics: figures of the dataset.
        frames: facts of each frame, by name.
    """

    stored: Stored
    findings: tuple[Finding, ...]
    near_duplicates: tuple[NearDuplicate, ...]
    statistics: Statistics
    frames: Mapping[str, FrameFacts]

    @property
    def name(self) -> str:
        """Name of the dataset, which is that of its folder."""
        return self.stored.folder.resolve().name

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that must be corrected before the dataset can be used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that do not keep the dataset from being used."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def tally(self) -> str:
        """The numbers of errors and of warnings."""
        return f"{counted(len(self.errors), 'error')}, {counted(len(self.warnings), 'warning')}"

    @property
    def verdict(self) -> str:
        """The number of errors and their rules, such as "2 errors (empty-split, mask-size)"."""
        rules = ", ".join(dict.fromkeys(finding.rule for finding in self.errors))
        return f"{counted(len(self.errors), 'error')} ({rules})"


def check_dataset(folder: Path, progress: Progress | None = None) -> Audit:
    """Audit the canonical dataset in `folder`, which is only read; a fault is a finding and never stops the audit.

    Raises:
        DataError: there is no such folder, or it holds no frame at all.
    """
    stored = Stored.of(folder)
    return audit_frames(stored, look_at_frames(stored, progress))


def audit_frames(stored: Stored, seen: Mapping[str, FrameFacts]) -> Audit:
    """Apply all rules to a dataset whose frames were `seen` in one pass (`look_at_frames`)."""
    pairs = find_near_duplicates(stored, seen)
    findings = [*_rules(stored, seen), *exact_duplicates(stored, seen), *near_duplicates(pairs, stored)]
    return Audit(
        stored=stored,
        findings=tuple(sorted(findings, key=lambda finding: finding.severity)),  # stable: "error" before "warning"
        near_duplicates=pairs,
        statistics=statistics_of(seen, stored.members),
        frames=seen,
    )


def _rules(stored: Stored, seen: Mapping[str, FrameFacts]) -> Iterator[Finding]:
    yield from stored.faults
    yield from check_images(stored, seen)
    yield from check_masks(stored, seen)
    yield from check_points(stored, seen)
    yield from check_placement(stored, seen)
    yield from check_splits(stored)
