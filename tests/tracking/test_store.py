"""The embedded store is there as a whole or not at all."""

import multiprocessing
import os
import signal
import sqlite3
import sys
from pathlib import Path

import mlflow
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from irstd.errors import RegistryError
from irstd.tracking.store import open_store


def die_while_it_is_made(root: Path, commits: int) -> None:
    """A process that is killed at the n-th commit."""
    left = commits

    def on_commit(connection: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", on_commit)
    open_store(root)


@pytest.mark.parametrize("commits", [1, 12])
def test_a_process_killed_while_it_makes_the_database_leaves_none(commits: int, tmp_path: Path) -> None:
    killed = multiprocessing.get_context("spawn").Process(target=die_while_it_is_made, args=(tmp_path, commits))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert not (tmp_path / "var/mlflow.db").exists()
    assert list((tmp_path / "var").glob(".mlflow.db.new*"))
    store = open_store(tmp_path)
    assert [found.name for found in store.client.search_experiments()] == ["Default"]
    assert {path.name for path in (tmp_path / "var").iterdir()} <= {"mlflow.db", "mlflow.lock"}


def test_a_database_that_is_none_of_mlflow_s_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var/mlflow.db") as connection:
        connection.execute("CREATE TABLE latest_metrics (key TEXT)")
    with pytest.raises(RegistryError, match=r"^MLflow at sqlite:.*mlflow.db: cannot be used \(.*\); check ") as fault:
        open_store(tmp_path)
    assert "\n" not in str(fault.value)


def test_packages_in_a_path_with_a_percent_sign_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow, "__file__", "/home/100%/.venv/site-packages/mlflow/__init__.py")
    with pytest.raises(RegistryError, match=r"/home/100%/\.venv/site-packages: .*'%'"):
        open_store(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_project_in_a_path_with_percent_signs_has_its_store(tmp_path: Path) -> None:
    root = tmp_path / "100%41 %(here)s #a"
    root.mkdir()
    assert open_store(root).client.search_experiments() != []
    assert (root / "var/mlflow.db").is_file()


@pytest.mark.parametrize(
    ("uri", "module", "package"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/x", "psycopg2", "psycopg2-binary"),
        ("mysql+pymysql://me:s3cret@127.0.0.1:1/x", "pymysql", "pymysql"),
    ],
)
def test_a_missing_driver_is_named_and_no_password_is(
    uri: str, module: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(RegistryError, match=f"package {package};") as fault:
        open_store(tmp_path)
    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize("uri", ["oracle://me:s3cret@h/x", "postgresql://me:s3cret@h:port/x"])
def test_an_address_that_cannot_be_used_is_one_line(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with pytest.raises(RegistryError, match=r"^MLflow at \w+://\*\*\*@h") as fault:
        open_store(tmp_path)
    assert "s3cret" not in str(fault.value)
    assert "\n" not in str(fault.value)


def test_var_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o755)
    open_store(tmp_path)
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
