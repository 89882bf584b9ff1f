"""A set leaves the inbox whole, and with no more than was audited; a bad one does not keep the others from it."""

import os
from pathlib import Path

import pytest

from irstd.curation.intake.merging import known_sets
from irstd.curation.intake.waiting import InboxSet, look_into
from irstd.datasets.fingerprint import fingerprint
from pipelines.retraining import inbox, leaving
from pipelines.retraining.inbox import Audited
from pipelines.retraining.leaving import archive, put_back, quarantine
from tests.curation.audit.build import sound
from tests.curation.intake.build import new_set
from tests.pipelines.retraining.hostile import HOSTILE

INBOX = Path("data/inbox")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a dataset `base` and the set `night` in its inbox, entered."""
    sound(tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    new_set(INBOX / "night", 100, 101)
    return tmp_path


def audited(name: str = "night") -> Audited:
    """Return the result of the audit of a set in the inbox."""
    (waiting,) = [each for each in look_into(INBOX) if each.name == name]
    return inbox.admit.fn(waiting, Path("base"), known_sets(Path("base")))  # type: ignore[attr-defined, no-any-return]  # Prefect's


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_what_was_audited_is_taken() -> None:
    found = audited()
    assert (found.digest, found.reason) == (fingerprint(INBOX / "night"), "")
    assert archive(found.waiting, found.digest) is None
    assert fingerprint(Path("data/taken/night")) == found.digest
    assert list(INBOX.iterdir()) == []


def test_a_frame_that_came_after_the_audit_stays_in_the_inbox() -> None:
    found = audited()
    new_set(INBOX / "night", 100, 101, 102)
    line = archive(found.waiting, found.digest)
    assert line is not None
    assert "night" in line
    assert not Path("data/taken/night").exists()
    assert files(INBOX / "night/images") == {"f0.png", "f1.png", "f2.png"}
    again = audited()
    assert again.digest != found.digest
    assert again.staged is not None
    assert len(again.staged.audit.frames) == 3
    assert archive(again.waiting, again.digest) is None


def test_a_copying_tool_that_stands_in_the_folder_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = audited()
    tool = os.open(INBOX / "night/images", os.O_RDONLY)  # as rsync does; it goes on wherever the folder is moved
    real = fingerprint

    def meanwhile(folder: Path) -> str:
        os.close(os.open("late.png", os.O_CREAT | os.O_WRONLY, dir_fd=tool))
        return real(folder)

    monkeypatch.setattr(leaving, "fingerprint", meanwhile)
    assert archive(found.waiting, found.digest) is not None
    os.close(tool)
    assert files(INBOX / "night/images") == {"f0.png", "f1.png", "late.png"}


@pytest.mark.parametrize("step", ["fingerprint", "put_folder"])
def test_a_run_that_is_killed_on_the_way_loses_nothing(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    found = audited()

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(leaving, step, killed)
        with pytest.raises(SystemExit):
            archive(found.waiting, found.digest)
    new_set(INBOX / "night", 102)  # somebody brings more meanwhile
    assert [path.name for path in leaving.left_half_way(INBOX)] == ["night"]
    put_back(INBOX)
    assert [each.name for each in look_into(INBOX)] == ["night", "night-2"]
    assert fingerprint(INBOX / "night-2") == found.digest
    assert files(INBOX / "night/images") == {"f0.png"}


def test_a_set_that_is_a_link_leaves_as_one(here: Path) -> None:
    (INBOX / "night").rename(here / "elsewhere")
    (INBOX / "night").symlink_to(here / "elsewhere")
    found = audited()
    new_set(here / "elsewhere", 100, 101, 102)
    assert archive(found.waiting, found.digest) is not None
    found = audited()
    assert archive(found.waiting, found.digest) is None
    assert list(INBOX.iterdir()) == []
    assert files(here / "elsewhere/images") == {"f0.png", "f1.png", "f2.png"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_set_goes_to_quarantine_and_the_others_come_in(kind: str) -> None:
    HOSTILE[kind](new_set(INBOX / "bad", 200, 201))
    found = audited("bad")
    assert found.staged is None
    assert found.reason
    assert "\n" not in found.reason
    assert len(found.reason) < 300
    quarantine(found.waiting, found.reason)
    assert [each.name for each in look_into(INBOX)] == ["night"]
    assert found.reason in Path("data/quarantine/bad.reason.txt").read_text()
    assert audited().staged is not None


@pytest.mark.parametrize("name", [b"x" * 250, b"caf\xe9", b"two\nlines", b"..."])
def test_a_set_of_any_name_leaves(name: bytes) -> None:
    (INBOX / "night").rename(INBOX / os.fsdecode(name))
    for _ in range(2):
        (waiting,) = look_into(INBOX) or [InboxSet(INBOX / os.fsdecode(name), 0)]
        waiting.name.encode()
        line = quarantine(waiting, "why")
        line.encode()
        if not waiting.folder.name.startswith("."):
            assert not waiting.folder.exists()
            new_set(waiting.folder, 100)


def test_a_set_that_somebody_took_away_again_is_no_fault() -> None:
    waiting = InboxSet(INBOX / "gone", 99.0)
    assert inbox.admit.fn(waiting, Path("base"), frozenset()).reason  # type: ignore[attr-defined]  # Prefect's
    quarantine(waiting, "why")
    assert not Path("data/quarantine").exists()


def test_a_disk_that_is_full_is_no_fault_of_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inbox, "stage_set", full)
    with pytest.raises(OSError, match="No space"):
        audited()
