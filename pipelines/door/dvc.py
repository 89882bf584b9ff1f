"""DVC's command line, read a line at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from irstd.errors import ComputeError
from irstd.files import require_room
from irstd.files.disk_faults import storage_words
from pipelines.servers.die_with_parent import bound_to_parent

_CACHE = Path(".dvc/cache")
_BUSY = ("Unable to acquire lock", "is busy")
_ATTEMPTS, _PAUSE_S = 5, 3.0
_PATIENCE_S = 30.0


def up_to_date() -> bool:
    """Tell whether `dvc repro` would run no stage but `code`, whose digests must be those of the present code.

    Raises:
        ComputeError: DVC cannot tell; its own message.
    """
    changed = json.loads(_answer(["status", "--json", "--with-deps", "dvc.yaml"]) or "{}")
    return all(name == "code" and reasons == ["always changed"] for name, reasons in changed.items())


def is_as_stored(pointer: Path) -> bool:
    """Tell whether PATH holds the version that PATH.dvc names.

    Raises:
        ComputeError: DVC cannot tell; its own message.
    """
    return not json.loads(_answer(["status", "--json", str(pointer)]) or "{}")


def add(path: Path) -> None:
    """Add `path` to DVC, which writes its pointer PATH.dvc.

    Raises:
        ComputeError: DVC refuses; its own message.
    """
    _answer(["add", str(path)])


def pull(pointer: Path) -> None:
    """Put the version that PATH.dvc names at PATH, from DVC's cache or else its remote.

    Raises:
        ComputeError: it is in neither, or what is at PATH would be lost; DVC's own message.
    """
    try:
        _answer(["checkout", str(pointer)])
    except ComputeError:
        _answer(["pull", str(pointer)])


def restore(targets: Sequence[str]) -> None:
    """Restore the outputs of the pointers and stage files `targets`, whatever is there; uncached ones are left out.

    Raises:
        ComputeError: DVC refuses; its own message.
    """
    _answer(["checkout", "--force", "--allow-missing", *targets])


def repro(on_line: Callable[[str], None], variables: Mapping[str, str] | None = None) -> None:
    """Run `dvc repro` with more environment `variables`; every line goes to `on_line`.

    Retries while another DVC holds the lock.

    Raises:
        ComputeError: a stage failed; its own one line, and the stage.
        DataError: DVC's cache cannot be written.
    """
    require_room(_CACHE)  # DVC would find out only after a stage has put its outputs in the place of the old
    for attempt in range(1, _ATTEMPTS + 1):
        lines: list[str] = []
        code = None
        for code in _stream(["repro"], lines, variables or {}):
            if code is None:
                on_line(lines[-1])
        if code == 0:
            return
        if not any(sign in line for line in lines for sign in _BUSY):
            raise ComputeError(_failure(lines))
        if attempt < _ATTEMPTS:
            on_line(f"another DVC is at work; try {attempt + 1} of {_ATTEMPTS} in {_PAUSE_S:g} s")
            time.sleep(_PAUSE_S)
    raise ComputeError("another DVC holds the lock of this project; let it end, then run this again")


def _answer(arguments: Sequence[str]) -> str:
    """Return DVC's output. Retries while another DVC holds the lock."""
    for attempt in range(1, _ATTEMPTS + 1):
        answer = subprocess.run(
            _command(arguments),
            capture_output=True,
            text=True,
            env=_environment(),
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if answer.returncode == 0:
            return answer.stdout
        if not any(sign in answer.stderr for sign in _BUSY):
            break
        if attempt < _ATTEMPTS:
            time.sleep(_PAUSE_S)
    shown = " ".join(argument for argument in arguments if not argument.startswith("--"))
    raise ComputeError(f"dvc {shown}: {_last(answer.stderr.splitlines())}")


def _stream(arguments: Sequence[str], lines: list[str], variables: Mapping[str, str]) -> Iterator[int | None]:
    """Yield None for each new line, appended to `lines`, and the exit code at the end."""
    environment = {**_environment(), **variables}
    with subprocess.Popen(
        _command(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, bufsize=1
    ) as process:
        try:
            for line in process.stdout or ():
                if line.strip():
                    lines.append(line.rstrip())
                    yield None
            yield process.wait()
        except KeyboardInterrupt:  # DVC's stage has got it too; DVC ends after it
            raise
        except BaseException:  # such as SIGTERM, which only this process has got
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End what DVC runs, so that it puts its locks in order and ends itself; kill it if it does not."""
    with suppress(psutil.NoSuchProcess):
        for started in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                started.terminate()
    try:
        process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _failure(lines: Sequence[str]) -> str:
    stage = next((line.split("'")[1] for line in reversed(lines) if "failed to reproduce" in line), "")
    ours = next((line.removeprefix("error: ") for line in reversed(lines) if line.startswith("error: ")), "")
    return f"stage {stage}: {ours}" if ours and stage else ours or f"dvc repro: {_last(lines)}"


def _last(lines: Sequence[str]) -> str:
    lost = next(filter(None, map(_lost_by_cache, lines, [*lines[1:], ""])), None)
    if lost:
        return lost
    faults = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    last = (faults or list(lines) or ["no message"])[-1]
    return storage_words(last, str(_CACHE)) or last


def _lost_by_cache(line: str, after: str) -> str | None:
    """Return the line for data that DVC cannot bring back, from two lines of its own."""
    if "missing data 'source': " in line:
        place = line.split("'source': ")[1]
    elif "Checkout failed for following targets" in line:
        place = after
    else:
        return None
    return f"{place}: neither there nor in DVC's cache; `dvc pull` fetches it from a remote, else import it again"


def _command(arguments: Sequence[str]) -> list[str]:
    return bound_to_parent([sys.executable, "-m", "dvc", *arguments], signal.SIGKILL)


def _environment() -> dict[str, str]:
    # The stages' launcher takes the interpreter that runs us; unbuffered, so that a person sees progress as it comes.
    return {**os.environ, "IRSTD_PYTHON": sys.executable, "PYTHONUNBUFFERED": "1"}
