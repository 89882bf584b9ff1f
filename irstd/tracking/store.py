"""MLflow's store: the server of MLFLOW_TRACKING_URI, or SQLite and a folder inside the project."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import DatabaseError

import mlflow
from filelock import FileLock, Timeout
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from irstd.errors import RegistryError, in_one_line
from irstd.files.disk_faults import storage_line
from irstd.project.environment import make_state
from irstd.tracking.embedded import PATIENCE_S, artifacts_of, make_store, resolve_addresses
from irstd.tracking.turns import turn

# Packages of the drivers that databases need, where they are not called as the module is.
_DRIVERS = {"psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}


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

    @property
    def shared(self) -> bool:
        """True if other machines may change it too."""
        return not self.client.tracking_uri.startswith(("sqlite:", "file:"))


def tracking_uri(root: Path) -> str:
    """Return MLFLOW_TRACKING_URI, or the URI of the embedded SQLite store of the project at `root`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_home(root) / 'var' / 'mlflow.db'}"


def _home(root: Path) -> Path:
    """Return the project that keeps the runs: `dvc exp run --queue` and `--temp` work in copies below .dvc/tmp/exps."""
    copies = next((each for each in root.parents if each.parts[-3:] == (".dvc", "tmp", "exps")), None)
    return root if copies is None else copies.parents[2]


def open_store(root: Path) -> Store:
    """Open the tracking store of the project at `root`; the embedded one is made if it is missing.

    Its artifacts are those in the project's own var, also after the project was moved or copied.

    Raises:
        RegistryError: the store cannot be reached or made.
    """
    root = _home(root)
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It logs a traceback of each database fault, and raises it too.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    uri, database = tracking_uri(root), root / "var" / "mlflow.db"
    _check_packages(uri)
    path = uri.removeprefix("sqlite:///")
    embedded = path != uri and Path(path).resolve() == database.resolve()
    try:
        if embedded:
            make_state(root)
            if not database.exists():
                make_store(database)
        store = Store(_connect(uri), artifacts_of(database) if embedded else None, _lock_of(uri, root))
        if embedded:
            resolve_addresses(database)
        return store
    except ImportError as fault:
        module = (fault.name or str(fault)).partition(".")[0]
        raise RegistryError(
            f"MLflow at {uri}: needs the Python package {_DRIVERS.get(module, module)}; pip install it, or check "
            "MLFLOW_TRACKING_URI"
        ) from fault
    except (MlflowException, SQLAlchemyError, DatabaseError, OSError, Timeout, ValueError) as fault:  # of the address
        line = storage_line(fault, uri)
        reason = in_one_line(fault)
        raise RegistryError(line or f"MLflow at {uri}: cannot be used ({reason}); check MLFLOW_TRACKING_URI") from fault


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Hold the exclusive lock of the registry. Do not nest.

    Among the processes of this machine it is a file, which the kernel releases when a process is killed; with those of
    other machines, where a server is shared, one takes turns.

    Raises:
        RegistryError: another process holds it for too long, the file cannot be made, or the server gives no turn.
    """
    try:
        store.lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(store.lock, timeout=PATIENCE_S).acquire(), ExitStack() as stack:
            if store.shared:
                with refusals("the registry gives no turn to change it"):
                    stack.enter_context(turn(store.client, PATIENCE_S))
            yield
    except Timeout as fault:
        raise RegistryError(
            f"{store.lock}: another process has held it for {PATIENCE_S:g} s; let that one end, then run this again"
        ) from fault


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """Raise MLflow's faults as `RegistryError`, in one line that begins with `what`."""
    try:
        yield
    except (MlflowException, OSError) as fault:
        reason = in_one_line(fault) or type(fault).__name__
        line = storage_line(fault, os.environ.get("MLFLOW_TRACKING_URI", "var/mlflow.db"))
        raise RegistryError(f"{what}: {line or f'{reason}; check MLFLOW_TRACKING_URI and run it again'}") from fault


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
