"""The audit of a real dataset."""

import itertools
import shutil
from pathlib import Path

import pytest

from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.importers import import_dataset
from irstd.datasets.fingerprint import fingerprint
from tests.curation.audit.build import of_rule
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_dataset(SHARED / "open-sirst-v1", tmp_path_factory.mktemp("raw"), "sirst-v1")


@pytest.fixture(scope="module")
def audit(folder: Path) -> Audit:
    before = fingerprint(folder)
    audit = check_dataset(folder)
    assert fingerprint(folder) == before
    return audit


def test_it_has_no_errors_and_three_warnings(audit: Audit) -> None:
    assert [finding.rule for finding in audit.findings] == ["unequal-channels", "touching-targets", "near-duplicates"]
    assert audit.errors == ()
    unequal, touching, near = audit.warnings
    assert len(unequal.names) == 159
    assert "159 of 399 three-channel frames, by up to 47 grey levels" in unequal.message
    assert touching.names == ("Misc_307", "Misc_318", "Misc_426", "Misc_59")
    assert near.names == ("Misc_138",)
    assert "1 of 86 test frames correlate above 0.99 with a frame of train" in near.message


def test_its_near_duplicate(audit: Audit) -> None:
    (pair,) = audit.near_duplicates
    assert (pair.split, pair.frame, pair.other_split, pair.other) == ("test", "Misc_138", "train", "Misc_7")
    assert pair.correlation == pytest.approx(0.990879, abs=1e-5)


def test_its_figures(audit: Audit) -> None:
    statistics = audit.statistics
    assert {split: own.frames for split, own in statistics.splits.items()} == {"train": 256, "val": 85, "test": 86}
    assert sum(own.targets for own in statistics.splits.values()) == 533
    assert statistics.channels == {"1": 28, "3": 399}
    assert statistics.bits == {"8": 427}
    assert list(statistics.splits["test"].area_px.classes.values()) == [9, 93, 7]


def test_one_of_its_frames_under_another_name_is_found(folder: Path, tmp_path: Path) -> None:
    """As every frame of V1 is in V2 too; an audit of a few frames of each split."""
    mixed = tmp_path / "mixed"
    shutil.copytree(folder, mixed, ignore=shutil.ignore_patterns("images", "masks"))
    kept = {split: (folder / f"splits/{split}.txt").read_text().split()[:5] for split in ("train", "val", "test")}
    taken = kept["train"][0]
    kept["test"].append("V2_1")
    for part in ("images", "masks"):
        (mixed / part).mkdir()
        for name in itertools.chain(*kept.values()):
            shutil.copy(folder / part / f"{taken if name == 'V2_1' else name}.png", mixed / part / f"{name}.png")
    for split, names in kept.items():
        (mixed / f"splits/{split}.txt").write_text("".join(f"{name}\n" for name in names))
    finding = of_rule(check_dataset(mixed), "exact-duplicates")
    assert finding.names == (taken, "V2_1")
    assert finding.message == (
        f"images: 1 picture in more than one split, such as V2_1 (test) and {taken} (train); keep each in one"
    )
