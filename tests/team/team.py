"""The team of the drill: its project, its machines and its services, all in one temporary folder."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.road.project import ROOT
from tests.team.machines import Machines, two_machines
from tests.team.postgres import Cluster
from tests.team.project import team_project
from tests.team.services import NAMES, Ports, table
from tests.team.stack import Stack, sourced


class BrokenError(Exception):
    """A promise was broken; the message says which."""


@dataclass(frozen=True)
class Team:
    """What every check works on.

    Attributes:
        folder: for whatever a check makes.
        project: the checkout in which the worker works.
        stack: the services.
        machines: the two of the Ray cluster.
        ports: of the services.
    """

    folder: Path
    project: Path
    stack: Stack
    machines: Machines
    ports: Ports

    @property
    def environment(self) -> dict[str, str]:
        """The addresses and secrets, as deploy/environment.sh sets them."""
        return self.stack.environment

    def python(self, *arguments: str, cwd: Path | None = None, fails: bool = False) -> str:
        """Return the output of `python …` in a checkout."""
        return self.stack.call(sys.executable, *arguments, cwd=cwd or self.project, fails=fails)

    def script(self, name: str, *arguments: str) -> str:
        """Return the output of a script of deploy."""
        return self.stack.call(str(ROOT / "deploy" / name), *arguments, cwd=self.folder)

    def psql(self, *arguments: str) -> str:
        """Return the output of psql, as the owner of the databases."""
        return self.stack.call("psql", "-v", "ON_ERROR_STOP=1", "-qAt", "-d", "postgres", *arguments, cwd=self.folder)


@contextmanager
def team() -> Iterator[Team]:
    """Yield a team whose services are known and not started; at the end all of it is gone."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="irstd-team-", ignore_cleanup_errors=True))
        )
        sessions = stack.enter_context(tempfile.TemporaryDirectory(prefix="irstd-ray-", ignore_cleanup_errors=True))
        project = team_project(folder / "checkout")
        machines = stack.enter_context(two_machines(project))
        subprocess.run([str(ROOT / "deploy/secrets"), str(folder / "secrets")], check=True)
        ports = Ports.find()
        environment = sourced({
            "IRSTD_SECRETS": str(folder / "secrets"),
            "IRSTD_STATE": str(folder / "state"),
            "IRSTD_HOME": str(project),
            "RAY_TMPDIR": sessions,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            **ports.addresses(machines),
        })  # fmt: skip
        os.environ.update(environment)  # for what this process itself asks of MLflow
        cluster = Cluster.make((folder / "secrets/postgres-password").read_text())
        stack.callback(shutil.rmtree, cluster.folder, ignore_errors=True)
        services = Stack(folder, environment)
        services.services = table(ports, cluster, machines, environment)
        assert tuple(services.services) == NAMES
        stack.callback(services.close)
        yield Team(folder, project, services, machines, ports)
