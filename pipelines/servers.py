"""The embedded services: a Prefect server and a Ray head for as long as a run needs them, on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ray
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_API_URL, temporary_settings

from irstd.compute import cluster
from irstd.errors import ComputeError
from irstd.files import require_room
from pipelines.layout import STATE

LOOPBACK = "127.0.0.1"
_PATIENCE_S = 120.0
_HOME_BYTES = 8 << 20  # several times what a new database of Prefect takes


@contextmanager
def prefect_server(port: int | None = None) -> Iterator[str]:
    """The API address of a Prefect server: PREFECT_API_URL's, or one started here and stopped at the end.

    Raises:
        ComputeError: the port is in use, or the server does not come up.
    """
    given = os.environ.get("PREFECT_API_URL")
    if given:
        yield given
        return
    require_room(Path(os.environ.get("PREFECT_HOME", STATE)), _HOME_BYTES)  # else it answers 500 to everything
    chosen = port or free_port()
    require_free(chosen, "Prefect server")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(chosen)]
    url = f"http://{LOOPBACK}:{chosen}/api"
    os.environ["PREFECT_SERVER_UI_API_URL"] = url  # else the page asks port 4200, whatever port serves it
    with server("Prefect server", command, f"{url}/health"):
        os.environ["PREFECT_API_URL"] = url  # for the stages, which are processes of their own
        try:
            with temporary_settings({PREFECT_API_URL: url}):  # for flows of this one, which has read its environment
                try:
                    yield url
                finally:
                    APILogHandler().flush()  # while there is a server to take the last lines
        finally:
            del os.environ["PREFECT_API_URL"]


@contextmanager
def ray_head() -> Iterator[str]:
    """The address of a Ray cluster: RAY_ADDRESS's, or that of a head that lives as long as this process needs it."""
    given = os.environ.get("RAY_ADDRESS")
    if given:
        yield given
        return
    with cluster():
        address = str(ray.get_runtime_context().gcs_address)
        os.environ["RAY_ADDRESS"] = address
        try:
            yield address
        finally:
            del os.environ["RAY_ADDRESS"]


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, what: str) -> None:
    """Nothing, if the port can be listened on.

    Raises:
        ComputeError: something else listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as fault:
            raise ComputeError(
                f"{what}: port {port} is in use ({fault.strerror}); stop what listens there or choose another port"
            ) from fault


@contextmanager
def server(what: str, command: list[str], health: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers at its `health` address, stopped at the end; its output goes to a log below var.

    Raises:
        ComputeError: it ends by itself, or does not answer in time.
    """
    log = STATE / f"{what.lower().replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        # A session of its own: Ctrl-C reaches the run first, which then stops its server.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        _wait(what, health, process, log)
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and what it started; kill it where it does not go by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(what: str, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ComputeError(f"{what}: ended with code {process.returncode}; its log is {log}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ComputeError(f"{what}: no answer within {_PATIENCE_S:g} s; its log is {log}")
