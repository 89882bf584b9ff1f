"""A full disk and a read-only one: one clear line, what was there as it was, and a way on once there is space."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from irstd.files.disk_faults import storage_line, storage_words
from pipelines.servers.embedded import prefect_server
from tests.faults.disk import namespace, run_case
from tests.faults.projects import begun
from tests.faults.rows import QUICK, Row
from tests.road.once import prefect_home

mounts = pytest.mark.skipif(namespace() is None, reason="this machine does not allow `unshare -m` with mounts")


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Yield the URL of a Prefect server, for commands that are tested without one of their own."""
    prefect_home(tmp_path_factory, Path(os.environ["PREFECT_HOME"]))
    with prefect_server() as url:
        yield {"PREFECT_API_URL": url}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, prefect: dict[str, str]) -> Path:
    """A project with something to lose; every case has a copy of its own."""
    return begun(tmp_path_factory.mktemp("project"))


@mounts
@pytest.mark.slow
@pytest.mark.parametrize("row", QUICK, ids=str)
def test_one_line_and_nothing_lost(row: Row, project: Path, prefect: dict[str, str]) -> None:
    for case in row.cases(str(project), prefect):
        outcome = run_case(case)
        assert outcome.code == 1, outcome.lines
        assert outcome.faults == [], (outcome.faults, outcome.lines[-20:], outcome.told)
        (line,) = outcome.errors
        assert ("No space left on device" if row.kind == "full" else "Read-only file system") in line
        assert "make room on that disk" in line or "mount it for writing" in line


def chained() -> Exception:
    """Raise SQLite's fault as SQLAlchemy and MLflow wrap it."""
    try:
        try:
            raise RuntimeError("(sqlite3.OperationalError) database or disk is full\n[SQL: UPDATE runs]")
        except RuntimeError as fault:
            raise ValueError("the store failed") from fault
    except ValueError as fault:
        return fault


def test_a_fault_far_below_is_told_with_the_place_it_does_not_name() -> None:
    assert storage_line(chained(), "var/mlflow.db") == (
        "var/mlflow.db: cannot be written (No space left on device); make room on that disk and run it again"
    )


def test_a_tools_words_are_told_with_the_path_they_name() -> None:
    said = "unexpected error - [Errno 30] Read-only file system: '/home/me/project/.dvc/tmp/lock'"
    assert storage_words(f"first\n{said}\nlast", ".dvc") == (
        "/home/me/project/.dvc/tmp/lock: cannot be written (Read-only file system); "
        "mount it for writing or choose a folder you may write to"
    )


def test_of_a_copy_the_end_is_told() -> None:
    fault = shutil.Error([("/from/a", "/to/a", "[Errno 28] No space left on device: '/to/a'")])
    told = "/to/a: cannot be written (No space left on device); make room on that disk and run it again"
    assert storage_line(fault, "var") == told
    assert storage_line(OSError(errno.ENOSPC, "No space left on device", "/from/a", None, "/to/a"), "var") == told


def test_other_faults_are_left_alone() -> None:
    assert storage_line(FileNotFoundError(2, "No such file or directory", "/here"), "var") is None
    assert storage_words("unexpected error - it is Tuesday", ".dvc") is None
