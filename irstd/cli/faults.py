"""Exit of the command: a user's mistake in one line, and exit codes for scripts."""

import re
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires
from typing import Any, NoReturn

from rich.console import Console
from typer import Abort, echo
from typer.core import TyperGroup

from irstd.errors import IrstdError, printable
from irstd.files.disk_faults import storage_line

FAULT, INTERRUPTED = 1, 130
_DEBUG = "--debug"


class OneLineGroup(TyperGroup):
    """Commands whose errors end in one line on stderr: exit code 2 for usage, 1 for others, 130 for Ctrl-C.

    With --debug, anywhere, the traceback comes first. Errors that are not the user's keep their traceback.
    """

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run the command and exit."""
        given = list(sys.argv[1:] if args is None else args)
        upto = given.index("--") if "--" in given else len(given)
        debug = _DEBUG in given[:upto]
        extra["standalone_mode"] = False
        try:
            code = super().main([arg for arg in given[:upto] if arg != _DEBUG] + given[upto:], *rest, **extra)
        except (KeyboardInterrupt, Abort):  # older Typers make the one into the other
            code = INTERRUPTED
        except Exception as fault:
            line = _line(fault)
            if line is None or debug:
                traceback.print_exception(fault)
            if line:
                say_error(line)
            code = int(getattr(fault, "exit_code", FAULT))
        if code == INTERRUPTED:
            say_error("stopped by the keyboard; files that were finished stay", kind="")
        sys.exit(code if isinstance(code, int) else 0)


def say_error(line: str, kind: str = "error: ") -> None:
    """Write one line to stderr."""
    flat = " ".join(part.strip() for part in line.splitlines() if part.strip())
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"{kind}{printable(flat)}", style="red", markup=False)


def _line(fault: Exception) -> str | None:
    """Return the line for the user; empty where the help is shown instead; None if the error is ours."""
    if type(fault).__name__ == "NoArgsIsHelpError":
        echo(vars(fault)["ctx"].get_help())
        return ""
    if hasattr(fault, "format_message"):  # Typer's, or in its older versions Click's, fault of usage
        return f"{str(fault.format_message()).rstrip('.')}{_known(fault)}; see `{_command(fault)} --help`"
    if isinstance(fault, IrstdError):
        return str(fault)
    if isinstance(fault, ModuleNotFoundError):
        return _absent(fault.name or "")
    if isinstance(fault, OSError):
        where = f"{fault.filename}: " if fault.filename else ""
        reason = fault.strerror or str(fault).strip()
        return f"{where}{reason}; check that the place exists, has room and may be written to"
    return storage_line(fault, "var/mlflow.db")


def _absent(module: str) -> str | None:
    """Return the line for a package of one of irstd's extras that is not installed; None for any other module."""
    package = module.partition(".")[0].replace("_", "-")
    try:
        needed = requires("irstd") or []
    except PackageNotFoundError:  # run from a bare checkout
        return None
    for line in needed:
        found = re.match(rf"{re.escape(package)}\b(?!-).*;.*extra == ['\"](\w+)['\"]", line, re.IGNORECASE)
        if found:
            return f"this needs {package}, which is not installed; pip install 'irstd[{found[1]}]'"
    return None


def _known(fault: Any) -> str:
    """List the options, for one that is unknown and like none of them."""
    if not hasattr(fault, "possibilities") or fault.possibilities or fault.ctx is None:
        return ""
    options = [name for each in fault.ctx.command.params for name in (*each.opts, *each.secondary_opts)]
    return f"; known: {', '.join([name for name in options if name.startswith('--')] + ['--help'])}"


def _command(fault: Any) -> str:
    context = getattr(fault, "ctx", None)
    return str(context.command_path) if context is not None else "irstd"
