"""Every rule of the audit, by its message."""

from pathlib import Path

import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError
from tests.curation.audit.build import only_finding, sound
from tests.curation.audit.faults import FAULTS, Fault


def broken(folder: Path, fault: Fault) -> Path:
    fault.make(sound(folder, with_points=fault.with_points))
    return folder


@pytest.mark.parametrize(("with_points", "with_masks"), [(False, True), (True, True), (True, False)])
def test_a_sound_dataset_has_no_findings(tmp_path: Path, with_points: bool, with_masks: bool) -> None:
    folder = sound(tmp_path / "set", with_points=with_points, with_masks=with_masks)
    before = fingerprint(folder)
    audit = check_dataset(folder)
    assert (audit.findings, audit.near_duplicates, audit.name) == ((), (), "set")
    assert list(audit.frames) == ["a", "b", "c", "d", "e"]
    assert fingerprint(folder) == before


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_found_alone_named_and_left_as_it_is(tmp_path: Path, fault: Fault) -> None:
    folder = broken(tmp_path / "set", fault)
    before = fingerprint(folder)
    finding = only_finding(folder)
    assert (finding.severity, finding.rule) == (fault.severity, fault.rule)
    assert finding.message == fault.message
    assert finding.names == fault.names
    assert fingerprint(folder) == before


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_what_a_reader_stumbles_over_is_an_error_and_nothing_else_is(tmp_path: Path, fault: Fault) -> None:
    folder = broken(tmp_path / "set", fault)

    def read() -> None:
        dataset = CanonicalDataset.open(folder)
        for name in dataset.names:
            dataset.sample(name)

    if fault.severity == "error" and fault.canonical:
        with pytest.raises(DataError):
            read()
    else:
        read()


def test_all_faults_are_found_at_once_errors_first(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set", with_points=True)
    chosen = ["unreadable frame", "stray files", "soft mask", "absent frames", "point that is NaN", "description"]
    for name in chosen:
        FAULTS[name].make(folder)
    audit = check_dataset(folder)
    assert [finding.rule for finding in audit.findings] == [
        "unreadable-list",
        "unreadable-frame",
        "point-not-a-number",
        "absent-frame",
        "stray-file",
        "soft-mask",
    ]
    assert len(audit.errors) == 4
    assert audit.warnings == audit.findings[4:]


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_split_and_its_frames_in_no_list(tmp_path: Path, text: str) -> None:
    folder = sound(tmp_path / "set")
    (folder / "splits/val.txt").write_text(text)
    empty, unlisted = check_dataset(folder).findings
    assert (empty.severity, empty.rule, empty.names) == ("error", "empty-split", ())
    assert empty.message == "splits/val.txt: empty; it needs at least one frame name a line"
    assert (unlisted.rule, unlisted.names) == ("unlisted-frame", ("c",))


def test_without_frames_there_is_nothing_to_audit(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder; make the dataset first"):
        check_dataset(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"images: no frames; a dataset holds them as images/NAME.png"):
        check_dataset(tmp_path)
