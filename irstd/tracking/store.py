"""MLflow's store: the server of MLFLOW_TRACKING_URI, or SQLite and a folder inside the project."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import mlflow
from filelock import FileLock, Timeout
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from irstd.errors import RegistryError
from irstd.files.disk_faults import storage_line

_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Store:
    """An open tracking store.

    Attributes:
        client: MLflow's client.
        artifacts: URI for the artifacts of new experiments; None: the server decides.
        lock: the file that `locked` locks.
    """

    client: MlflowClient
    artifacts: str | None
    lock: Path


def tracking_uri(root: Path) -> str:
    """Return MLFLOW_TRACKING_URI, or the URI of the embedded SQLite store of the project at `root`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root / 'var' / 'mlflow.db'}"


def open_store(root: Path) -> Store:
    """Open the tracking store of the project at `root`; the embedded one is made if it is missing.

    Raises:
        RegistryError: the store cannot be reached or made.
    """
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It logs a traceback of each database fault, and raises it too.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    uri, database = tracking_uri(root), root / "var" / "mlflow.db"
    _check_packages(uri)
    embedded = uri == f"sqlite:///{database}"
    artifacts = (root / "var" / "mlartifacts").as_uri() if embedded else None
    try:
        if embedded and not database.exists():
            _make(database)
        return Store(_connect(uri), artifacts, _lock_of(uri, root))
    except (MlflowException, SQLAlchemyError, OSError, Timeout) as fault:
        line = storage_line(fault, uri)
        reason = str(fault).splitlines()[0]
        raise RegistryError(line or f"MLflow at {uri}: cannot be used ({reason}); check MLFLOW_TRACKING_URI") from fault


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the exclusive lock of the registry among the processes of this machine. Do not nest.

    The kernel releases the lock of a killed process.

    Raises:
        RegistryError: another process holds it for too long, or the file cannot be made.
    """
    try:
        store.lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(store.lock, timeout=_PATIENCE_S).acquire():
            yield
    except Timeout as fault:
        raise RegistryError(
            f"{store.lock}: another process has held it for {_PATIENCE_S:g} s; let that one end, then run this again"
        ) from fault


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """Raise MLflow's faults as `RegistryError`, in one line that begins with `what`."""
    try:
        yield
    except (MlflowException, OSError) as fault:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        line = storage_line(fault, os.environ.get("MLFLOW_TRACKING_URI", "var/mlflow.db"))
        raise RegistryError(f"{what}: {line or f'{reason}; check MLFLOW_TRACKING_URI and run it again'}") from fault


def _make(database: Path) -> None:
    """Make the tables under another name, then rename: MLflow cannot open a half-made database."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: PLC0415 - a server's client needs none

    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(database.with_suffix(".lock"), timeout=_PATIENCE_S):
        if database.exists():  # another process made it meanwhile
            return
        unfinished = database.with_name(f".{database.name}.new")
        for left in database.parent.glob(f"{unfinished.name}*"):  # by a killed process, and its journal
            left.unlink()
        cast(Any, SqlAlchemyStore)(f"sqlite:///{unfinished}", "mlruns").engine.dispose()
        unfinished.rename(database)


def _check_packages(uri: str) -> None:
    """Raise if MLflow could open no database: it puts its own path into a configuration, where `%` refers to a name.

    Raises:
        RegistryError: its path has a `%`.
    """
    packages = Path(mlflow.__file__).parents[1]
    if "%" in str(packages) and not uri.startswith("http"):
        raise RegistryError(
            f"{packages}: MLflow opens no database from packages in a path with '%'; move the project to one without, "
            "and make its environment again"
        )


def _lock_of(uri: str, root: Path) -> Path:
    """Return the lock beside an SQLite database, which all of its projects share; with a server, one in the project."""
    database = Path(uri.removeprefix("sqlite:///"))
    return database.with_name(f"{database.name}.lock") if uri.startswith("sqlite:///") else root / "var/registry.lock"


def _connect(uri: str) -> MlflowClient:
    client = MlflowClient(uri, uri)  # mlflow.set_tracking_uri would bind the whole process to one store
    client.search_experiments(max_results=1)
    return client
