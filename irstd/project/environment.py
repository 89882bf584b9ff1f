"""The process environment that the tools read at import; every entry point prepares it first."""

import os
from pathlib import Path

from irstd.errors import DataError, SettingsError
from irstd.files import make_folder, make_private_folder

_QUIET = {
    "DO_NOT_TRACK": "true",
    "DVC_NO_ANALYTICS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # two lines a run, where a server keeps them
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # Prefect's own 20 s are on the edge
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # a person reads our lines; Prefect's are in its UI
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "RAY_AIR_NEW_OUTPUT": "0",
}


def find_root(start: Path | None = None) -> Path:
    """Find the project's folder: the nearest one upward from `start` (default: here) with params.yaml and dvc.yaml.

    Raises:
        SettingsError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise SettingsError(f"{here}: not inside an irstd project (no params.yaml beside a dvc.yaml from here upward)")


def root_here() -> Path | None:
    """Return the project's folder; None outside one."""
    try:
        return find_root()
    except SettingsError:
        return None


def make_state(root: Path) -> Path:
    """Create `root`/var, the tools' state, and close it to all but its owner; return it.

    Raises:
        DataError: it cannot be created.
    """
    make_private_folder(root / "var")
    return root / "var"


def prepare_environment(root: Path | None) -> None:
    """Disable the tools' telemetry and keep their state below `root`/var; variables that are set stay.

    Raises:
        SettingsError: `root`/var cannot be created.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if root is None:
        return
    try:
        home = make_state(root) / "prefect"
        make_folder(home)  # Prefect makes the last folder only
    except DataError as fault:
        raise SettingsError(f"{fault}; the tools keep their state there") from fault
    os.environ.setdefault("PREFECT_HOME", str(home))
