"""kill -9 of each service, and of PostgreSQL in the middle of a retraining."""

import time

from tests.curation.intake.build import new_set
from tests.team.project import commit
from tests.team.recovery import newest_backup, restore_store
from tests.team.retraining import FITS, ask, begun, outcome, seen
from tests.team.road import detect
from tests.team.state import State, team_state
from tests.team.team import BrokenError, Team


def killed(team: Team, name: str) -> str:
    """Kill a service and start it again; what the team has is what it was."""
    before, answered = _now(team), detect(team)
    if before.champion is None:
        raise BrokenError("there is no champion that could be lost")
    team.stack.kill(name)
    said = ""
    if name == "ray-head":  # its machines end with it, and the service manager starts them again
        team.stack.kill("ray-node")
    team.stack.start(name)
    if name == "ray-head":
        team.stack.start("ray-node")
    if name == "s3":  # moto keeps objects in memory alone
        said = ", its objects put back from the backup, since moto keeps none"
        restore_store(team, newest_backup(team))
    lost = before.lost(_now(team))
    if lost:
        raise BrokenError(f"{len(lost)} lost: {'; '.join(lost[:3])}")
    if detect(team) != answered:
        raise BrokenError("the served model answers otherwise")
    return (
        f"{len(before.runs)} runs, {len(before.versions)} versions, {len(before.flows)} flow runs are as before{said}"
    )


def next_run_goes_on(team: Team) -> str:
    """New frames after all that: the retraining takes them in and ends."""
    new_frames(team, "night", 100)
    name, message = outcome(team.environment, ask(team.environment))
    if name not in ("Promoted", "Refused"):
        raise BrokenError(f"the run ended as {name}: {message}")
    _keep(team)
    return f"{name}: {message}"


def database_dies_in_a_retraining(team: Team) -> str:
    """PostgreSQL is killed while trials run and comes back; the run ends well, or the next one does."""
    before = _now(team)
    new_frames(team, "dawn", 200)
    with seen(team.stack) as found:
        run = ask(team.environment)
        if not begun(team.environment, run, FITS, found):
            raise BrokenError("the run ended before a trial began")
        team.stack.kill("postgres")
        time.sleep(3)  # so long that every service has missed it
        team.stack.start("postgres")
        name, message = outcome(team.environment, run)
    first = f"that run: {name}"
    if name not in ("Promoted", "Refused"):
        name, message = outcome(team.environment, ask(team.environment))
        first += f"; the next: {name}"
    if name not in ("Promoted", "Refused"):
        raise BrokenError(f"{first}: {message}")
    after = _now(team)
    lost = [each for each in before.lost(after) if not each.startswith(("champion", "history"))]
    if lost:
        raise BrokenError(f"{len(lost)} lost: {'; '.join(lost[:3])}")
    unfinished = [name for name, status, _ in after.runs.values() if status == "RUNNING"]
    if unfinished:
        raise BrokenError(f"runs of MLflow are open: {', '.join(unfinished)}")
    _keep(team)
    return first


def new_frames(team: Team, name: str, seed: int) -> None:
    """Put a set of two labelled frames into the inbox."""
    new_set(team.project / "data/inbox" / name, seed, seed + 1)


def _keep(team: Team) -> None:
    commit(team.project, "new frames")
    team.python("-m", "dvc", "push", "-q")


def _now(team: Team) -> State:
    return team_state(team.project, team.environment)
