"""The embedded store: an SQLite database and a folder of artifacts in the project's var, wherever the project lies."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from filelock import FileLock

from irstd.tracking import MODEL

PATIENCE_S = 120.0
_ARTIFACTS = "mlartifacts"
# MLflow keeps absolute addresses in these columns.
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)


def artifacts_of(database: Path) -> str:
    """Return the URI of the artifacts beside a database."""
    return (database.parent.resolve() / _ARTIFACTS).as_uri()


def make_store(database: Path) -> None:
    """Make the tables under another name, then rename: MLflow cannot open a half-made database."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415 - a server's client needs none

    with FileLock(database.with_suffix(".lock"), timeout=PATIENCE_S):
        if database.exists():  # another process made it meanwhile
            return
        unfinished = database.with_name(f".{database.name}.new")
        for left in database.parent.glob(f"{unfinished.name}*"):  # by a killed process, and its journal
            left.unlink()
        cast(Any, SqlAlchemyStore)(f"sqlite:///{unfinished}", "mlruns").engine.dispose()
        unfinished.rename(database)


def resolve_addresses(database: Path) -> None:
    """Have all addresses of artifacts lead to the present var, in one transaction; the project was moved or copied.

    A copy then neither reads from the original nor writes to it. Addresses elsewhere stay as they are.
    """
    here = artifacts_of(database)
    with closing(sqlite3.connect(database, timeout=PATIENCE_S, isolation_level=None)) as connection:
        if not (places := _other_places(connection, here)):
            return
        connection.execute("BEGIN IMMEDIATE")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for place in places:
            for table, column in _ADDRESSES:
                if table in tables:
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                        (here, len(place) + 1, len(place) + 1, f"{place}/"),
                    )
        connection.execute("COMMIT")


def aliased(database: Path, alias: str) -> str | None:
    """Return the version of an alias of our model, asked without MLflow; None if there is none, or no registry yet."""
    asked = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?"
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", timeout=PATIENCE_S, uri=True)) as tables:
            row = tables.execute(asked, (MODEL, alias)).fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(row[0])


def _other_places(connection: sqlite3.Connection, here: str) -> set[str]:
    """Return where the artifacts of experiments lay when they were made, other than `here`."""
    found = connection.execute("SELECT artifact_location, name FROM experiments")
    return {
        place
        for location, name in found
        if (place := str(location).removesuffix(f"/{name}")) != location
        and place.endswith(f"/var/{_ARTIFACTS}")
        and place != here
    }
