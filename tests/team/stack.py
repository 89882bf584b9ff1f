"""The services of the team's stack as processes: started by deploy/service, killed, and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.road.project import ROOT

PATIENCE_S = 300.0
SERVICE = str(ROOT / "deploy/service")


@dataclass(frozen=True)
class Service:
    """A service: its command, what its environment has besides, its user, and what tells that it is ready."""

    command: list[str]
    ready: Callable[[], bool]
    given: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None


class Stack:
    """Running services by name. Each one's output goes to a log in the stack's folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, dict(environment)
        self.services: dict[str, Service] = {}
        self.running: dict[str, psutil.Popen] = {}

    def start(self, name: str, service: Service | None = None) -> None:
        """Start a service, known or new, and wait until it is ready.

        Raises:
            RuntimeError: it ends before, or is not ready in time.
        """
        if service is not None:
            self.services[name] = service
        chosen = self.services[name]
        with self.log(name).open("ab") as output:
            self.running[name] = psutil.Popen(
                chosen.command,
                env={**self.environment, **chosen.given},
                user=chosen.user,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._await(name, chosen)

    def _await(self, name: str, service: Service) -> None:
        deadline, process = time.monotonic() + PATIENCE_S, self.running[name]
        while process.poll() is None and time.monotonic() < deadline:
            if service.ready():
                return
            time.sleep(0.5)
        last = self.log(name).read_text(errors="replace").splitlines()[-8:]
        raise RuntimeError(f"{name} does not start: {' | '.join(last)}")

    def kill(self, name: str) -> None:
        """kill -9 of a service with all its processes at once, as when its power goes."""
        process = self.running.pop(name)
        with suppress(psutil.NoSuchProcess):
            for each in [process, *process.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        process.wait()

    def stop(self, name: str) -> None:
        """Stop a service as the service manager does: SIGTERM, and after 20 s the end."""
        process = self.running[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout=20)
        self.kill(name)

    def close(self) -> None:
        """Stop whatever runs, the last first."""
        for name in reversed(list(self.running)):
            self.stop(name)

    def log(self, name: str) -> Path:
        """The file of a service's output."""
        return self.folder / f"{name}.log"

    def call(self, *command: str, cwd: Path, fails: bool = False) -> str:
        """Return the output of a command on the first machine.

        Raises:
            RuntimeError: its exit code is another than expected.
        """
        done = subprocess.run(command, cwd=cwd, env=self.environment, capture_output=True, text=True, check=False)
        if (done.returncode != 0) != fails:
            last = (done.stdout + done.stderr).strip().splitlines()[-6:]
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {' | '.join(last)}")
        return done.stdout + done.stderr


def listens(host: str, port: int) -> bool:
    """Tell whether something listens there."""
    try:
        socket.create_connection((host, port), 2).close()
    except OSError:
        return False
    return True


def sourced(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that deploy/environment.sh makes of this one and `given`."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "MLFLOW_", "RAY_"))}
    outer |= {"IRSTD_PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1", **given}
    script = f"set -a; source {ROOT / 'deploy/environment.sh'}; env -0"
    done = subprocess.run(["bash", "-c", script], env=outer, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
