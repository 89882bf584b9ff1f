"""Where the pipeline keeps what it makes; dvc.yaml names the same paths (a test holds them together)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The files of one dataset, relative to the project's root, which is the working folder of every stage."""

    dataset: str

    @property
    def raw(self) -> Path:
        """The canonical dataset."""
        return Path("data/raw") / self.dataset

    @property
    def prepared(self) -> Path:
        """What `prepare` makes of it."""
        return Path("data/prepared") / self.dataset

    @property
    def audit(self) -> Path:
        """Folder of the audit: findings, near-duplicates, a picture; apart from what fits read."""
        return Path("outputs") / self.dataset / "audit"

    def search(self, variant: str) -> Path:
        """The outcome of a variant's search."""
        return Path("outputs") / self.dataset / "search" / f"{variant}.json"

    def bundle(self, variant: str) -> Path:
        """A variant's model bundle."""
        return Path("outputs") / self.dataset / "bundles" / variant

    def curve(self, variant: str) -> Path:
        """The course of a variant's fit."""
        return Path("outputs") / self.dataset / "curves" / f"{variant}.csv"

    def scores(self, variant: str) -> Path:
        """Folder of a variant's scores."""
        return Path("outputs") / self.dataset / "scores" / variant

    @property
    def report(self) -> Path:
        """Folder of the report."""
        return Path("reports") / self.dataset


STATE = Path("var")
PROMOTION = Path("reports/promotion.json")
CODE = Path("outputs/code")
"""Folder of the digests of the code, `STAGE` or `STAGE/VARIANT`."""
