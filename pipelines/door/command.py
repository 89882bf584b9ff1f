"""Files of `pipelines` as commands: options are read before anything heavy is imported.

A `@command` stands above the imports of its flow. Run as a program (`python -m pipelines.NAME`), the file goes no
further than that: the command imports the flow from the file as a module. So neither `--help` nor a mistake waits for
torch, MLflow or Prefect.
"""

import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import typer

from irstd.errors import IrstdError, SettingsError, lookup, printable
from irstd.files.disk_faults import storage_line
from irstd.project.environment import find_root, prepare_environment
from irstd.project.instructions import use_instructions
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door.console import errors
from pipelines.servers.health import await_answer
from pipelines.servers.prefect_access import secure_prefect

STORE = "var/mlflow.db"  # the one SQLite database that is written to in a process of ours
_PATIENCE_S = 60.0
Work = Callable[[], object]
P = ParamSpec("P")


def command(function: Callable[P, Work | None]) -> Callable[P, Work | None]:
    """Run the function as the command line of its file, if that is the program.

    Its parameters are the options, its docstring is the help. It returns the work to do, which often is a flow and
    its arguments, or None where nothing is left to do.
    """
    if function.__module__ == "__main__":
        run_command(function)
    return function


def run_command(function: Callable[..., Work | None]) -> NoReturn:
    """Read the command line for a command, do its work and exit: 0, 1 after a fault, 2 after a wrong option."""

    @wraps(function)
    def program(*arguments: Any, **options: Any) -> None:
        _run(lambda: function(*arguments, **options))

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(program)
    name = Path(function.__code__.co_filename).stem
    app(prog_name=f"python -m pipelines.{name}")
    sys.exit(0)


def settings_and_variant(name: str, *, references: bool = False) -> tuple[Settings, str]:
    """Return the settings, and the variant (or reference) of that name, whose instruction set is used from here on.

    Raises:
        SettingsError: params.yaml is at fault.
        UnknownNameError: params.yaml has no such variant.
    """
    settings = load_settings()
    known = {**settings.variants, **(settings.references if references else {})}
    lookup(known, name, "variant in params.yaml")
    train = settings.train_for(name) if name in settings.variants else settings.train
    use_instructions(train.instructions, os.environ)  # before the flow imports torch
    return settings, name


def settings_for_promotion() -> Settings:
    """Return the settings; from here on the instruction set of `train` is used, which NumPy and torch read at import.

    Raises:
        SettingsError: params.yaml is at fault.
    """
    settings = load_settings()
    use_instructions(settings.train.instructions, os.environ)
    return settings


def use_fits_instructions() -> None:
    """Use the instruction set of `train` from here on. A faulty params.yaml is left to whoever reads it next."""
    with suppress(SettingsError):
        settings_for_promotion()


def _run(prepare: Callable[[], Work | None]) -> None:
    """Do the work; a user's mistake, and a disk that is full or read-only, end in one line and exit code 1."""
    try:
        prepare_environment(find_root())
        secure_prefect()
        work = _prepared(prepare)
        if work is not None:
            _do(work)
    except IrstdError as fault:
        _fail(str(fault))
    except KeyboardInterrupt:
        errors.print("stopped; the next run goes on from here", markup=False)
        sys.exit(130)
    except Exception as fault:
        line = storage_line(fault, STORE) or _of_prefect(fault)
        if line is None:
            raise
        _fail(line)


def _prepared(prepare: Callable[[], Work | None]) -> Work | None:
    """Prepare the work, which mostly is to import; the collector takes a sixth of that and finds nothing."""
    gc.disable()
    try:
        return prepare()
    finally:
        gc.enable()


def _do(work: Work) -> None:
    from pipelines.door.flows import hide_tracebacks
    from pipelines.door.parent import below_parent

    hide_tracebacks()
    _await_server()
    with below_parent():
        work()


def _await_server() -> None:
    """Wait for a server of this machine that is being restarted; a flow asks for it only once."""
    url = os.environ.get("PREFECT_API_URL", "")
    if "DVC_STAGE" in os.environ and url.startswith("http://127.0.0.1:"):
        await_answer(f"{url}/health", _PATIENCE_S)


def _of_prefect(fault: Exception) -> str | None:
    """Return the line for a Prefect server that fails, as one does whose disk is full; None for another fault."""
    import httpx
    from prefect.exceptions import PrefectHTTPStatusError

    if not isinstance(fault, PrefectHTTPStatusError | httpx.TransportError):
        return None
    home, said = os.environ.get("PREFECT_HOME", "PREFECT_HOME"), (str(fault).splitlines() or [""])[0].split(" - ")[0]
    return f"Prefect's server fails ({said}); see that {home} has room and may be written to, and run it again"


def _fail(line: str) -> NoReturn:
    errors.print(printable(f"error: {line}"), style="red", markup=False)
    sys.exit(1)
