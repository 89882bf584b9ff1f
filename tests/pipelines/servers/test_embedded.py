"""The embedded services and their ports."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from irstd.errors import ComputeError
from pipelines.servers.embedded import LOOPBACK, free_port, prefect_server, require_free, server
from pipelines.servers.health import await_answer

ROOT = Path(__file__).parents[3]


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


@pytest.mark.slow
def test_a_lasting_server_that_is_killed_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_port()
    url = f"http://{LOOPBACK}:{port}/"
    command = [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK]
    with server("small server", command, url, lasting=True) as small:
        first = small.process.pid
        for _ in range(2):
            small.process.kill()
            small.process.wait()
            assert await_answer(url, patience_s=30)
        last = small.process.pid
    assert last != first
    assert not await_answer(url, patience_s=0.5)
    assert capsys.readouterr().out.count("small server: ended with code -9; starting it again") == 2


def test_a_server_that_ends_before_it_answers_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(ComputeError, match=r"small server: ended with code 3; its log is var/small-server.log"),
        server("small server", [sys.executable, "-c", "import sys; sys.exit(3)"], "http://127.0.0.1:1/", lasting=True),
    ):
        pass
