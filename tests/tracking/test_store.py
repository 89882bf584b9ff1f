"""The embedded store is there as a whole or not at all."""

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

import mlflow
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from irstd.errors import RegistryError
from irstd.tracking import open_store


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
