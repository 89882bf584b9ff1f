"""A sound dataset for the audit, to be broken."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.audit.findings import Finding
from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import DatasetInfo
from irstd.datasets.sample import Sample
from irstd.labels.points import points_from_mask
from tests.datasets.build import block_mask

SPLIT_OF = {"a": "train", "b": "train", "c": "val", "d": "test", "e": "test"}
SIZE = (40, 48)


def picture(seed: int) -> NDArray[np.uint8]:
    """A frame like no other."""
    return np.random.default_rng(seed).integers(20, 90, SIZE, dtype=np.uint8)


def sound(folder: Path, *, with_points: bool = False, with_masks: bool = True) -> Path:
    """Five frames of 48×40 px, each with a 3×3 target in its middle, `a` with a 2×2 one too, without any fault."""
    with new_dataset(folder, DatasetInfo(name=folder.name), with_points=with_points) as writer:
        for seed, (name, split) in enumerate(SPLIT_OF.items()):
            blocks = [(20, 18, 3), (4, 6, 2)] if name == "a" else [(20, 18, 3)]
            mask = block_mask(*blocks, size=SIZE)
            frame = picture(seed)
            frame[mask] = 200
            writer.add(Sample(name, frame, points_from_mask(mask), mask if with_masks else None), split)
    return folder


def only_finding(folder: Path) -> Finding:
    """The one finding of an audit that has no other."""
    findings = check_dataset(folder).findings
    assert len(findings) == 1, findings
    return findings[0]


def of_rule(audit: Audit, rule: str) -> Finding:
    """The finding of that rule."""
    found = [finding for finding in audit.findings if finding.rule == rule]
    assert len(found) == 1, audit.findings
    return found[0]
