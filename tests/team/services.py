"""The table of services: what each is started with, and what tells that it is ready."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from pipelines.servers.embedded import LOOPBACK, free_port
from pipelines.servers.health import answers
from tests.team.machines import Machines
from tests.team.postgres import Cluster
from tests.team.stack import SERVICE, Service, listens

CPUS = 1
"""Of each machine of the Ray cluster."""
NAMES = ("postgres", "s3", "mlflow", "prefect", "ray-head", "ray-node", "worker", "serve")


@dataclass(frozen=True)
class Ports:
    """Free ports, one a service."""

    postgres: int
    s3: int
    mlflow: int
    prefect: int
    ray: int
    serve: int

    @classmethod
    def find(cls) -> "Ports":
        """Find them."""
        return cls(*(free_port() for _ in cls.__dataclass_fields__))

    def addresses(self, machines: Machines) -> dict[str, str]:
        """The addresses, by the names under which deploy/environment.sh and the tools look for them."""
        return {
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.postgres),
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self.s3}",
            "MLFLOW_TRACKING_URI": f"http://{LOOPBACK}:{self.mlflow}",
            "PREFECT_API_URL": f"http://{LOOPBACK}:{self.prefect}/api",
            "RAY_ADDRESS": f"{machines.first}:{self.ray}",
        }


def table(ports: Ports, cluster: Cluster, machines: Machines, environment: Mapping[str, str]) -> dict[str, Service]:
    """Return the services by name, in the order in which they are started."""
    auth = {"Authorization": _basic(environment["PREFECT_API_AUTH_STRING"])}
    workers = f"{environment['PREFECT_API_URL']}/work_pools/irstd/workers/filter"
    ray = {"IRSTD_RAY_OPTIONS": f"--num-cpus={CPUS}"}
    session = f"--temp-dir={environment['RAY_TMPDIR']} --num-cpus={CPUS}"
    return {
        "postgres": Service(
            cluster.command(ports.postgres), lambda: _takes_queries(cluster, ports.postgres), user=cluster.user
        ),
        "s3": Service(
            [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(ports.s3)],
            lambda: listens(LOOPBACK, ports.s3),
        ),
        "mlflow": Service(
            [SERVICE, "mlflow"],
            lambda: answers(f"http://{LOOPBACK}:{ports.mlflow}/health"),
            {"IRSTD_PORT": str(ports.mlflow)},
        ),
        "prefect": Service(
            [SERVICE, "prefect"],
            lambda: _answers(f"{environment['PREFECT_API_URL']}/health", auth),
            {"IRSTD_PORT": str(ports.prefect)},
        ),
        "ray-head": Service(
            [SERVICE, "ray-head"],
            lambda: nodes(environment) >= 1,
            {"IRSTD_HOST": machines.first, "IRSTD_PORT": str(ports.ray), "IRSTD_RAY_OPTIONS": session},
        ),
        "ray-node": Service(
            [*machines.there, SERVICE, "ray-node"],
            lambda: nodes(environment) == 2,
            {"IRSTD_HOST": machines.second, **ray},
        ),
        "worker": Service([SERVICE, "worker"], lambda: _worker_is_online(workers, auth)),
        "serve": Service(
            [SERVICE, "serve"],
            lambda: answers(f"http://{LOOPBACK}:{ports.serve}/ready"),
            {"IRSTD_PORT": str(ports.serve)},
        ),
    }


def _basic(text: str) -> str:
    return httpx.BasicAuth(*text.split(":", 1))._auth_header


def _answers(url: str, headers: Mapping[str, str]) -> bool:
    try:
        return httpx.get(url, headers=dict(headers), timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _worker_is_online(url: str, headers: Mapping[str, str]) -> bool:
    try:
        found = httpx.post(url, headers=dict(headers), json={}, timeout=5).raise_for_status().json()
    except httpx.HTTPError:
        return False
    return any(each["status"] == "ONLINE" for each in found)


def _takes_queries(cluster: Cluster, port: int) -> bool:
    command = [f"{cluster.programs}/pg_isready", "-h", LOOPBACK, "-p", str(port), "-q"]
    return subprocess.run(command, check=False).returncode == 0


_COUNT = """
import os, ray
ray.init(address=os.environ["RAY_ADDRESS"], logging_level="ERROR", log_to_driver=False)
print(sum(node["Alive"] for node in ray.nodes()))
"""


def nodes(environment: Mapping[str, str]) -> int:
    """Return how many machines of the Ray cluster are alive, 0 where it does not answer."""
    host, _, port = environment["RAY_ADDRESS"].rpartition(":")
    if not listens(host, int(port)):
        return 0
    command = [sys.executable, "-c", _COUNT]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False, cwd=Path("/"))
    said = done.stdout.strip()
    return int(said) if said.isdigit() else 0
