"""Retraining by the clock on one machine, with its own Prefect server, until Ctrl-C: `make schedule`.

The plan is `retrain.cron` of params.yaml, one run at a time. The server keeps its state in var, so that a restart goes
on with the same plan. Runs that were due while nothing ran do not fire in a burst: the latest one runs if it is
not too late, the others are marked as skipped.
"""

from functools import partial
from typing import Annotated

import typer

from pipelines.door.command import Work, command


@command
def main(port: Annotated[int, typer.Option(help="Port of the Prefect server on loopback.")] = 4200) -> Work:
    """Retrain by the clock (`retrain.cron` of params.yaml), until Ctrl-C."""
    from pipelines.schedule import serve

    return partial(serve, port)


import os
import signal
import sys
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from prefect import Flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.schedules import Cron, Schedule
from prefect.states import Cancelled, Crashed
from prefect.types.entrypoint import EntrypointType

from irstd.errors import SettingsError
from irstd.settings.load import load_settings
from irstd.settings.retrain import Retrain
from pipelines.door.console import say
from pipelines.retrain import retrain
from pipelines.retraining.lock import AtWorkError, exclusive_lock
from pipelines.retraining.run import SKIPPED
from pipelines.servers.embedded import prefect_server
from pipelines.servers.prefect_access import access_file

DEPLOYMENT = "clock"


def serve(port: int) -> None:
    """Plan, tidy what an earlier schedule left, and run what is due, until it is stopped.

    Raises:
        SettingsError: the plan is not valid.
        ComputeError: the port is in use, or the server does not come up.
    """
    section = load_settings().retrain
    plan = schedule_of(section)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    given = os.environ.get("PREFECT_API_URL")
    say(f"using {given}" if given else f"starting Prefect; its page asks for the text in {access_file()}")
    # Prefect's runner leaves a coroutine behind when it is told to stop, which is nobody's concern.
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    with prefect_server(port) as url:
        with get_client(sync_client=True) as client:
            for line in tidy(client, section, datetime.now(UTC)):
                say(line)
        say(f"retrain: planned at {section.cron} ({section.timezone}); {url.removesuffix('/api')} shows its runs")
        say("Ctrl-C stops it; the next start goes on with the same plan.")
        cast("Flow[[], Any]", retrain).serve(
            name=DEPLOYMENT,
            schedule=plan,
            limit=1,
            pause_on_shutdown=False,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )


def schedule_of(section: Retrain) -> Schedule:
    """Return the plan of params.yaml.

    Raises:
        SettingsError: cron or the time zone is not valid.
    """
    try:
        return Cron(section.cron, timezone=ZoneInfo(section.timezone).key)
    except (ValueError, KeyError, OSError) as fault:  # the last for a zone that is a folder of zones
        raise SettingsError(
            f"params.yaml: retrain: cron '{section.cron}' in timezone '{section.timezone}' is no plan; "
            "such as '0 2 * * *' in 'UTC' is one"
        ) from fault


def tidy(client: SyncPrefectClient, section: Retrain, now: datetime) -> list[str]:
    """Tidy the runs that an earlier schedule left, and return a line for each: due ones are skipped but for the latest.

    A run whose process was killed is marked as crashed.
    """
    due = _runs(client, StateType.SCHEDULED, before=now)
    oldest = now - timedelta(minutes=section.too_late_min)
    lines = []
    for index, left in enumerate(due, start=1):
        planned = cast(datetime, left.expected_start_time)
        if index == len(due) and planned >= oldest:
            continue
        reason = (
            f"was due at {planned:%Y-%m-%d %H:%M} UTC, while no schedule ran; the next planned run looks for new data"
        )
        client.set_flow_run_state(left.id, Cancelled(name=SKIPPED, message=reason), force=True)
        lines.append(f"retrain: {SKIPPED}: {reason}")
    try:
        with exclusive_lock():
            gone: State[Any] = Crashed(message="its process is gone; the next run undoes what it changed and goes on")
            for left in (*_runs(client, StateType.RUNNING), *_runs(client, StateType.PENDING)):
                client.set_flow_run_state(left.id, gone, force=True)
                lines.append(f"retrain: the run {left.name} of an earlier schedule did not end; it counts as crashed")
    except AtWorkError as fault:
        lines.append(f"retrain: {fault}")
    return lines


def _runs(client: SyncPrefectClient, kind: StateType, before: datetime | None = None) -> list[FlowRun]:
    """Return this deployment's runs in a state, the earliest planned first."""
    wanted: dict[str, Any] = {"state": {"type": {"any_": [kind]}}}
    if before is not None:
        wanted["expected_start_time"] = {"before_": before}
    return client.read_flow_runs(
        deployment_filter=DeploymentFilter.model_validate({"name": {"any_": [DEPLOYMENT]}}),
        flow_run_filter=FlowRunFilter.model_validate(wanted),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
    )
