"""The audit that `prepare` begins with; the whole stage is among those of test_stages."""

from pathlib import Path

import pytest

from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.stored import Stored
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.prepared import read_near_duplicates
from irstd.errors import DataError
from pipelines.prepare import audit
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS


def audited(raw: Path, folder: Path) -> None:
    stored = Stored.of(raw)
    audit(stored, look_at_frames(stored), folder)


def test_errors_end_it_in_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    raw, folder = sound(tmp_path / "raw/mine"), tmp_path / "prepared/mine"
    for name in ("absent frames", "frame without mask", "unreadable mask", "soft mask"):
        FAULTS[name].make(raw)
    with pytest.raises(DataError) as caught:
        audited(raw, folder)
    assert str(caught.value).startswith(f"{raw}: 3 errors (frame-without-mask, unreadable-mask, absent-frame)")
    assert "\n" not in str(caught.value)
    assert not folder.exists()


def test_warnings_are_said_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw, folder = sound(tmp_path / "raw/mine"), tmp_path / "prepared/mine"
    FAULTS["near-duplicates"].make(raw)
    before = fingerprint(raw)
    audited(raw, folder)
    assert capsys.readouterr().out.strip() == f"warning: {FAULTS['near-duplicates'].message}"
    assert sorted(path.name for path in folder.iterdir()) == ["audit.json", "near_duplicates.csv"]
    assert read_near_duplicates(folder) == {"e"}
    assert fingerprint(raw) == before
