"""The embedded services: a Prefect server and a Ray head on loopback, for as long as a run needs them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread

from prefect import get_client
from prefect.logging.handlers import APILogHandler
from prefect.settings import PREFECT_API_URL, temporary_settings

from irstd.compute.cluster import cluster, require_listener, shared
from irstd.errors import ComputeError
from irstd.files import require_room
from irstd.project.paths import STATE
from pipelines.door.console import say
from pipelines.servers.abandoned import close_abandoned
from pipelines.servers.die_with_parent import bound_to_parent
from pipelines.servers.health import await_answer

LOOPBACK = "127.0.0.1"
_PATIENCE_S = 120.0
_REVIVALS = 5
_HOME_BYTES = 8 << 20  # several times what a new database of Prefect takes


@contextmanager
def prefect_server(port: int | None = None) -> Iterator[str]:
    """Yield the API address of a Prefect server: PREFECT_API_URL's, or one started here and stopped at the end.

    A server started here is restarted if it dies: its state is in var, and flows retry meanwhile.

    Raises:
        ComputeError: the port is in use, or the server does not come up.
    """
    given = os.environ.get("PREFECT_API_URL")
    if given:
        _close_abandoned()
        yield given
        return
    require_room(Path(os.environ.get("PREFECT_HOME", STATE)), _HOME_BYTES)  # else it answers 500 to everything
    chosen = port or free_port()
    require_free(chosen, "Prefect server")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(chosen)]
    url = f"http://{LOOPBACK}:{chosen}/api"
    own = {
        "PREFECT_SERVER_UI_API_URL": url,  # else the page asks port 4200, whatever port serves it
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url.removesuffix("/api"),
    }
    with server("Prefect server", command, f"{url}/health", lasting=True, settings=own):
        os.environ["PREFECT_API_URL"] = url  # for the stages, which are processes of their own
        try:
            with temporary_settings({PREFECT_API_URL: url}):  # for flows of this one, which has read its environment
                _close_abandoned()
                try:
                    yield url
                finally:
                    APILogHandler().flush()  # while there is a server to take the last lines
        finally:
            del os.environ["PREFECT_API_URL"]


def _close_abandoned() -> None:
    with get_client(sync_client=True) as client:
        for name in close_abandoned(client):
            say(f"{name}: its process was killed, so its run counts as crashed")


@contextmanager
def ray_head() -> Iterator[str]:
    """Yield the address of a Ray cluster: RAY_ADDRESS's, or that of a head started here and stopped at the end.

    Raises:
        ComputeError: nothing listens at RAY_ADDRESS, or as `cluster`.
    """
    given = os.environ.get("RAY_ADDRESS")
    if given:
        require_listener(given)
        yield given
        return
    with cluster() as address, shared(address):
        yield address


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int, what: str) -> None:
    """Raise unless the port is free.

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


class Server:
    """A server process; its output goes to a log below var."""

    def __init__(self, what: str, command: list[str], settings: Mapping[str, str]) -> None:
        self.what, self.command, self.settings = what, command, settings
        self.log = STATE / f"{what.lower().replace(' ', '-')}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.stopping, self.changing = Event(), Lock()
        self.process = self._start()

    def stop(self) -> None:
        """Stop the server and its children; kill it if it does not stop."""
        with self.changing:
            self.stopping.set()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the run first, which then stops its server.
            return subprocess.Popen(
                bound_to_parent(self.command, signal.SIGTERM),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **self.settings},
            )

    def keep_up(self) -> None:
        """Restart the server whenever it ends, until it is stopped or has ended too often."""
        for _ in range(_REVIVALS):
            code = self.process.wait()
            with self.changing:
                if self.stopping.is_set():
                    return
                say(f"{self.what}: ended with code {code}; starting it again (its log is {self.log})")
                self.process = self._start()
        self.stopping.wait()  # a server ends with the thread that started it, which therefore stays


@contextmanager
def server(
    what: str, command: list[str], health: str, *, lasting: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Yield a server that answers at its `health` address, and stop it at the end; restart a `lasting` one if it dies.

    Raises:
        ComputeError: it ends before it answers, or does not answer in time.
    """
    started = Server(what, command, settings or {})
    try:
        _wait(started, health)
        if lasting:
            Thread(target=started.keep_up, daemon=True).start()
        yield started
    finally:
        started.stop()


def _wait(started: Server, url: str) -> None:
    if not await_answer(url, _PATIENCE_S, lambda: started.process.poll() is None):
        code = started.process.poll()
        said = f"no answer within {_PATIENCE_S:g} s" if code is None else f"ended with code {code}"
        raise ComputeError(f"{started.what}: {said}; its log is {started.log}")
