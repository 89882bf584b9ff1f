"""The embedded services and their ports."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from irstd.errors import ComputeError
from pipelines.servers import LOOPBACK, free_port, prefect_server, require_free

ROOT = Path(__file__).parents[2]


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ComputeError, match=rf"MLflow UI: port {port} is in use .*choose another port"):
            require_free(port, "MLflow UI")
    require_free(free_port(), "MLflow UI")


def test_services_refuse_a_port_in_use_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "pipelines.services", "--prefect-port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: Prefect server (--prefect-port): port {port} is in use")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_server_that_is_named_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    with prefect_server() as url:
        assert url == "http://127.0.0.1:1/api"


def test_outside_a_project_a_stage_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipelines.demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not inside an irstd project" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
