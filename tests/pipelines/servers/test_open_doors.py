"""No server of ours listens beyond this machine, and none lets a stranger in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from pipelines.servers.embedded import LOOPBACK, free_port
from pipelines.servers.health import await_answer
from tests.pipelines.conftest import lay_out
from tests.road.once import prefect_home
from tests.sockets import beyond_loopback, listening

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
CLUSTERS = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"  # as a driver on this machine needs it, to find its node on loopback
OURS = ("PREFECT_", "RAY_", "MLFLOW_TRACKING_URI")

# The main job's servers, with a stage that joins them as `dvc repro` would start it.
MAIN_JOB = """
import json, os, subprocess, sys
from pipelines.servers.embedded import prefect_server, ray_head
STAGE = '''
import sys
from irstd.compute.cluster import cluster
from irstd.compute.ray_import import ray
with cluster():
    print(ray.get(ray.remote(lambda: 1).remote()), flush=True)
    sys.stdin.read()
'''
with prefect_server() as prefect, ray_head() as head:
    stage = subprocess.Popen([sys.executable, "-c", STAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    joined = stage.stdout.readline().strip()
    secrets = [os.environ["RAY_AUTH_TOKEN"], os.environ["PREFECT_API_AUTH_STRING"]]
    print(json.dumps({"prefect": prefect, "head": head, "joined": joined, "secrets": secrets}), flush=True)
    sys.stdin.read()
    stage.communicate()
"""
# A driver of another user, who asks once instead of for 20 s.
INTRUDER = """
import sys, ray
ray.init(sys.argv[1], logging_level="CRITICAL", log_to_driver=False)
print(ray.get(ray.remote(lambda: "in").remote()))
"""


def strangers_environment() -> dict[str, str]:
    """The environment without a secret or an address of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)}


@contextmanager
def started(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a project, in a person's environment, stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={**strangers_environment(), "RAY_TMPDIR": os.environ.get("RAY_TMPDIR", "/tmp"), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def arguments_of(process: subprocess.Popen[str]) -> str:
    """The command lines of the process and of all that it started, which any user of the machine can read."""
    parent = psutil.Process(process.pid)
    return "\n".join(" ".join(each.cmdline()) for each in (parent, *parent.children(recursive=True)))


class MainJob:
    """The servers of `pipelines.reproduce`, and what a stranger may know of them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        told = json.loads(process.stdout.readline())
        self.prefect, self.head, self.joined = told["prefect"], told["head"], told["joined"]
        self.secrets: list[str] = told["secrets"]


def project(factory: pytest.TempPathFactory, name: str) -> Path:
    folder = lay_out(factory.mktemp(name))
    prefect_home(factory, folder / "var/prefect")
    return folder


@pytest.fixture(scope="module")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainJob]:
    with started(project(tmp_path_factory, "main"), "-c", MAIN_JOB) as process:
        yield MainJob(process)


def test_the_main_job_listens_on_loopback_and_its_stages_join(main_job: MainJob) -> None:
    sockets = listening(main_job.process.pid)
    assert main_job.joined == "1"
    assert {"gcs_server", "raylet"} <= {name for name, _, _ in sockets}
    assert int(httpx.URL(main_job.prefect).port or 0) in {port for _, _, port in sockets}
    assert beyond_loopback(sockets) == []


def test_no_secret_stands_in_a_command_line(main_job: MainJob) -> None:
    arguments = arguments_of(main_job.process)
    assert len(main_job.secrets) == 2
    assert not any(secret in arguments for secret in main_job.secrets)


@pytest.mark.parametrize("token", [{}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}], ids=["none", "wrong"])
def test_ray_refuses_a_driver_without_the_token(main_job: MainJob, token: dict[str, str]) -> None:
    environment = {**strangers_environment(), "RAY_NUM_REDIS_GET_RETRIES": "2", CLUSTERS: "0", **token}
    command = [sys.executable, "-c", INTRUDER, main_job.head]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "in" not in done.stdout.split()
    secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": main_job.secrets[0]}
    if not token:  # the same driver comes in with the token, so it is the token that kept it out
        environment |= secret
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.split() == ["in"], done.stderr


def test_prefect_refuses_a_stranger_and_other_web_pages(main_job: MainJob) -> None:
    wanted = f"{main_job.prefect}/deployments/filter"
    page = {"Origin": "http://evil.example"}
    assert httpx.post(wanted, json={}, headers=page).status_code == 401
    user, password = main_job.secrets[1].split(":")
    answer = httpx.post(wanted, json={}, headers=page, auth=(user, password))
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    own = {"Origin": main_job.prefect.removesuffix("/api")}
    answer = httpx.post(wanted, json={}, headers=own, auth=(user, password))
    assert answer.headers["access-control-allow-origin"] == own["Origin"]
    asked = {**page, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in httpx.options(wanted, headers=asked).headers


def test_services_listen_on_loopback(tmp_path_factory: pytest.TempPathFactory) -> None:
    prefect, mlflow = free_port(), free_port()
    ports = ["--prefect-port", str(prefect), "--mlflow-port", str(mlflow)]
    with started(project(tmp_path_factory, "services"), "-m", "pipelines.services", *ports) as process:
        assert await_answer(f"http://{LOOPBACK}:{prefect}/api/health", 180)
        sockets = listening(process.pid)
        assert {prefect, mlflow} <= {port for _, _, port in sockets}
        assert beyond_loopback(sockets) == []
