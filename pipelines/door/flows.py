"""How flows meet Prefect and their callers: tasks without a cache, one line for a user's mistake, an exit code."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import NoReturn, ParamSpec, TypeVar, cast

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import PrefectHTTPStatusError
from rich.console import Console

from irstd.errors import IrstdError, SettingsError, lookup
from irstd.files.disk_faults import storage_line
from irstd.project.environment import find_root, prepare_environment
from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.servers.abandoned import marked
from pipelines.servers.health import await_answer

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

_PATIENCE_S = 60.0
STORE = "var/mlflow.db"  # the one SQLite database that is written to in a process of ours
_ROW_STEPS = 25  # a fit gives a row of its curve that often
P = ParamSpec("P")
R = TypeVar("R")


def stage(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A Prefect flow. DVC owns caching: no result is kept, and parameters need no round trip through JSON."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        made = flow(name=name, flow_run_name=run_name or name, persist_result=False, validate_parameters=False)(
            function
        )
        return cast(Callable[P, R], made)

    return wrap


def step(name: str, run_name: str | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A Prefect task, without a cache; its runs are called as it is, not `NAME-f06`, as Prefect would have it."""

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        made = task(name=name, task_run_name=run_name or name, cache_policy=NO_CACHE, persist_result=False)(function)
        return cast(Callable[P, R], made)

    return wrap


class _OneLine(logging.Filter):
    """A user's mistake is logged as its message, without the traceback that Prefect adds."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, IrstdError):
            record.exc_info, record.exc_text = None, None
            record.msg, record.args = str(fault), ()
        return True


def hide_tracebacks() -> None:
    """From here on Prefect logs a user's mistake as its one line."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, _OneLine) for each in logger.filters):
            logger.addFilter(_OneLine())


def say(line: str) -> None:
    """A line of progress for the person who waits."""
    console.print(line, markup=False)


def settings_and_variant(*, references: bool = False) -> tuple[Settings, str]:
    """The settings, and the variant (or, where they may stand for one, the reference) that the command line names.

    Raises:
        SettingsError: params.yaml is at fault, or the command line does not name one variant.
        UnknownNameError: params.yaml has no such variant.
    """
    settings = load_settings()
    if len(sys.argv) != 2:
        raise SettingsError(f"name one variant, as in `python -m pipelines.tune {next(iter(settings.variants))}`")
    known = {**settings.variants, **(settings.references if references else {})}
    lookup(known, sys.argv[1], "variant in params.yaml")
    return settings, sys.argv[1]


def shown(hse: float | None) -> str:
    """An HSE for a line of progress."""
    return "undefined" if hse is None else f"{hse:.1f}"


def say_progress(prefix: str, step: int, steps: int, figures: Mapping[str, float | None]) -> None:
    """A line for each validation of a fit, and for about every tenth part of it."""
    scored = f", HSE {shown(figures['hse'])} on validation" if "hse" in figures else ""
    tenth = step * 10 // steps > (step - _ROW_STEPS) * 10 // steps
    if scored or tenth:
        say(f"{prefix}step {step} of {steps}, loss {figures.get('loss') or 0.0:.4f}{scored}")


def run(work: Callable[[], object]) -> NoReturn:
    """Run a stage and exit: 0, or 1 after one line about a user's mistake or a disk that is full or read-only."""
    hide_tracebacks()
    try:
        prepare_environment(find_root())
        _await_server()
        with marked():
            work()
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
    sys.exit(0)


def _await_server() -> None:
    """Let a server of this machine come back, where it is being started again: a flow asks a first time only once."""
    url = os.environ.get("PREFECT_API_URL", "")
    if "DVC_STAGE" in os.environ and url.startswith("http://127.0.0.1:"):
        await_answer(f"{url}/health", _PATIENCE_S)


def _of_prefect(fault: Exception) -> str | None:
    """The line for a Prefect server that fails, as one does whose disk is full; None for another fault."""
    if not isinstance(fault, PrefectHTTPStatusError | httpx.TransportError):
        return None
    home, said = os.environ.get("PREFECT_HOME", "PREFECT_HOME"), (str(fault).splitlines() or [""])[0].split(" - ")[0]
    return f"Prefect's server fails ({said}); see that {home} has room and may be written to, and run it again"


def _fail(line: str) -> NoReturn:
    errors.print(f"error: {line}", style="red", markup=False)
    sys.exit(1)
