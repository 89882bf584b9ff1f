"""Retraining by the clock and by a work pool, on real Prefect servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import yaml
from prefect import Flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.states import Running, Scheduled

from irstd.errors import SettingsError
from irstd.settings.retrain import Retrain
from pipelines.retrain import retrain
from pipelines.schedule import DEPLOYMENT, schedule_of, tidy
from pipelines.servers.embedded import LOOPBACK, free_port
from tests.road.once import prefect_home
from tests.road.project import clone
from tests.sockets import beyond_loopback, listening

ROOT = Path(__file__).parents[2]
Make = Callable[[Path], Path]
PATIENCE_S = 180.0


@pytest.mark.parametrize("section", [{"cron": "a b c d e"}, {"cron": "61 * * * *"}, {"timezone": "Mars/Olympus"}])
def test_a_plan_that_is_none_is_named(section: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"^params.yaml: retrain: cron '.*' in timezone '.*' is no plan; ") as fault:
        schedule_of(Retrain(**section))
    assert "\n" not in str(fault.value)


def test_the_plan_is_that_of_params() -> None:
    plan = schedule_of(Retrain(cron="30 4 * * 1", timezone="Europe/Berlin"))
    assert (plan.cron, plan.timezone) == ("30 4 * * 1", "Europe/Berlin")


def until(done: Callable[[], Any], what: str) -> Any:
    """Return the first value of `done` that is not empty."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = done()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {PATIENCE_S:g} s")


def ended(client: SyncPrefectClient, run_id: UUID) -> FlowRun:
    def look() -> FlowRun | None:
        run = client.read_flow_run(run_id)
        return run if run.state is not None and run.state.is_final() else None

    return cast(FlowRun, until(look, "the end of the run"))


@pytest.fixture
def project_(tmp_path: Path, make_project: Make) -> Path:
    """A clone in which nothing is new."""
    return clone(tmp_path, make_project)


@pytest.mark.slow
def test_what_is_due_after_an_outage_runs_once(services: None) -> None:
    deployment = cast("Flow[[], Any]", retrain).to_deployment(name=DEPLOYMENT)
    where = cast(UUID, cast(Any, deployment).apply())
    now = datetime.now(UTC)
    with get_client(sync_client=True) as client:
        due = [
            client.create_flow_run_from_deployment(where, state=Scheduled(scheduled_time=now - timedelta(minutes=late)))
            for late in (300, 40, 10)
        ]
        due += [client.create_flow_run_from_deployment(where, state=Scheduled(scheduled_time=now + timedelta(hours=1)))]
        killed = client.create_flow_run_from_deployment(where, state=Running())
        lines = tidy(client, Retrain(too_late_min=60), now)
        assert len(lines) == 3
        assert f"was due at {now - timedelta(minutes=300):%Y-%m-%d %H:%M} UTC" in lines[0]
        names = [getattr(client.read_flow_run(run.id).state, "name", None) for run in (*due, killed)]
        assert names[2] in ("Scheduled", "Late")  # the server says so after a while
        assert [*names[:2], *names[3:]] == ["Skipped", "Skipped", "Scheduled", "Crashed"]
        assert tidy(client, Retrain(too_late_min=5), now)[0].startswith("retrain: Skipped: was due at ")
        assert tidy(client, Retrain(too_late_min=5), now) == []
        client.delete_deployment(where)


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [sys.executable, "-m", "pipelines.schedule", "--port", str(port)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


@pytest.fixture
def clock(project_: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The project with its plan, and a port."""
    prefect_home(tmp_path_factory, project_ / "var/prefect")
    content = yaml.safe_load((project_ / "params.yaml").read_text())
    content["retrain"] = {"cron": "0 2 1 * *"}
    (project_ / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return project_, free_port()


@pytest.mark.slow
def test_the_clock_plans_runs_and_survives_a_restart(clock: tuple[Path, int]) -> None:
    folder, port = clock
    api = f"http://{LOOPBACK}:{port}/api"
    for turn in ("first", "again"):
        with start(folder, port) as process:
            try:
                assert process.stdout is not None
                said = list[str]()
                while not said or not said[-1].startswith("Ctrl-C"):
                    said.append(process.stdout.readline())
                    assert said[-1], said
                sockets = listening(process.pid)
                assert port in {each for _, _, each in sockets}
                assert beyond_loopback(sockets) == []
                text = (folder / "var/prefect/auth-string").read_text()
                there = temporary_settings({PREFECT_API_URL: api, PREFECT_API_AUTH_STRING: text})
                with there, get_client(sync_client=True) as client:
                    deployment = until(client.read_deployments, "the deployment")[0]
                    assert (deployment.name, deployment.paused) == (DEPLOYMENT, False)
                    planned = until(lambda: _planned(client), "planned runs")
                    assert planned[0].expected_start_time.hour == 2
                    if turn == "first":
                        for late_h, name in ((0, "NothingNew"), (3, "Skipped")):
                            planned_at = datetime.now(UTC) - timedelta(hours=late_h)
                            made = client.create_flow_run_from_deployment(
                                deployment.id, state=Scheduled(scheduled_time=planned_at)
                            )
                            run = ended(client, made.id)
                            assert run.state is not None
                            assert (run.state.name, run.state.is_completed()) == (name, True), run.state
            finally:
                process.send_signal(signal.SIGTERM)
                rest = process.communicate(timeout=60)[0]
        assert process.returncode == 0, rest
        assert "Traceback" not in rest


def _planned(client: SyncPrefectClient) -> list[FlowRun]:
    runs = client.read_flow_runs()
    return [run for run in runs if run.auto_scheduled and run.state_type == StateType.SCHEDULED]


@pytest.mark.slow
def test_a_worker_of_a_process_pool_runs_it(project_: Path, services: None) -> None:
    environment = {**os.environ, "IRSTD_HOME": str(project_)}

    def prefect(*arguments: str) -> str:
        command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
        done = subprocess.run(command, cwd=project_, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    prefect("work-pool", "create", "irstd", "--type", "process")
    prefect("deploy", "--all")
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("retrain/server")
        assert [cast(Any, each.schedule).cron for each in deployment.schedules] == ["0 2 * * *"]
        made = client.create_flow_run_from_deployment(deployment.id)
        prefect("worker", "start", "--pool", "irstd", "--type", "process", "--run-once")
        run = ended(client, made.id)
        assert run.state is not None
        assert run.state.name == "NothingNew", run.state
        client.delete_deployment(deployment.id)
