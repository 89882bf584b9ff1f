"""The road of a team: data to the remote, a retraining on the pool and two machines, a champion that is served."""

import json
import shutil
from collections.abc import Sequence

import httpx

from irstd.tracking import CHAMPION, MODEL
from tests.road.project import ROOT, hashes
from tests.team.project import commit
from tests.team.retraining import FITS, SCORES, ask, outcome, seen
from tests.team.state import team_state
from tests.team.team import BrokenError, Team


def services_start(team: Team) -> str:
    """Start PostgreSQL, the store, MLflow and Prefect, Ray on two machines and the worker, on empty databases."""
    team.stack.start("postgres")
    team.psql("-f", str(_deploy("databases.sql")))
    team.stack.start("s3")
    team.python(str(_deploy("buckets.py")), "make")
    for name in ("mlflow", "prefect", "ray-head", "ray-node", "worker"):
        team.stack.start(name)
    apart = "a network of its own" if team.machines.apart else "an address of loopback: this machine gives no network"
    return f"the second machine has {apart}"


def data_reaches_another_checkout(team: Team) -> str:
    """`dvc push`, and `dvc pull` in a clone that has nothing but git's files."""
    team.python("-m", "dvc", "add", "-q", "data/raw/tiny")
    team.python("-m", "dvc", "remote", "add", "--default", "team", "s3://irstd-dvc")
    commit(team.project, "the dataset and the team's remote")
    team.python("-m", "dvc", "push", "-q")
    other = team.folder / "laptop"
    team.stack.call("git", "clone", "-q", str(team.project), str(other), cwd=team.folder)
    team.python("-m", "dvc", "pull", "-q", "data/raw/tiny.dvc", cwd=other)
    files = [path.relative_to(other) for path in sorted((other / "data/raw/tiny").rglob("*")) if path.is_file()]
    if not files or any((other / each).read_bytes() != (team.project / each).read_bytes() for each in files):
        raise BrokenError(f"the clone has other data ({len(files)} files)")
    shutil.rmtree(other)
    return f"{len(files)} files are the same there"


def strangers_are_refused(team: Team) -> str:
    """Without a login MLflow and Prefect answer 401, and Ray takes no machine without its token."""
    mlflow = httpx.get(f"{team.environment['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/experiments/get?experiment_id=0")
    prefect = httpx.post(f"{team.environment['PREFECT_API_URL']}/flow_runs/filter", json={})
    codes = (mlflow.status_code, prefect.status_code)
    if codes != (401, 401):
        raise BrokenError(f"MLflow answers {codes[0]}, Prefect {codes[1]}")
    join = "import ray; ray.init(address='auto', log_to_driver=False)"
    wrong = team.folder / "wrong-token"
    wrong.write_text("0" * 64)
    team.stack.call("env", f"RAY_AUTH_TOKEN_PATH={wrong}", team.environment["IRSTD_PYTHON"], "-c", join,
                    cwd=team.folder, fails=True)  # fmt: skip
    return "401 of MLflow and Prefect, no entry to Ray"


def retraining_uses_both_machines(team: Team) -> str:
    """The first retraining on the pool ends in a champion; both machines fitted and scored."""
    with seen(team.stack) as found:
        name, message = outcome(team.environment, ask(team.environment))
    if name != "Promoted":
        raise BrokenError(f"the run ended as {name}: {message}")
    for machine, names in (("first", found.first), ("second", found.second)):
        missing = {FITS, SCORES} - found.kinds(names)
        if missing:
            raise BrokenError(f"the {machine} machine was not seen at {', '.join(sorted(missing))}")
    commit(team.project, "the lock and the metrics")
    team.python("-m", "dvc", "push", "-q")
    return message


def artifacts_are_in_the_store(team: Team) -> str:
    """The champion's files come out of the S3 store, through MLflow alone."""
    before = team_state(team.project, team.environment)
    if before.champion is None or not before.runs or not hashes(team.project):
        raise BrokenError("there is no champion, no run or no output")
    local = list((team.folder / "state").rglob("weights.safetensors"))
    if local:
        raise BrokenError(f"{local[0]} lies on MLflow's disk")
    return f"champion is version {before.champion}, {len(before.runs)} runs, {len(before.objects)} objects of DVC"


def champion_is_served(team: Team) -> str:
    """`irstd serve` answers /detect with the champion of MLflow, and nobody without the token."""
    if "serve" not in team.stack.running:
        team.stack.start("serve")
    version, found = detect(team)
    champion = team_state(team.project, team.environment).champion
    if version != champion:
        raise BrokenError(f"version {version} answers, {champion} is champion")
    return f"version {version} finds {len(found)} targets"


def an_account_may_read_and_no_more(team: Team) -> str:
    """A new account of MLflow sees the champion and moves nothing."""
    account, where = {"username": "ann", "password": "reads-and-no-more"}, team.environment["MLFLOW_TRACKING_URI"]
    owner = (team.environment["MLFLOW_TRACKING_USERNAME"], team.environment["MLFLOW_TRACKING_PASSWORD"])
    httpx.post(f"{where}/api/2.0/mlflow/users/create", json=account, auth=owner).raise_for_status()
    before = team_state(team.project, team.environment)
    alias = f"{where}/api/2.0/mlflow/registered-models/alias"
    with httpx.Client(auth=(account["username"], account["password"])) as ann:
        read = ann.get(alias, params={"name": MODEL, "alias": CHAMPION})
        moved = ann.post(alias, json={"name": MODEL, "alias": CHAMPION, "version": before.champion})
    if (read.status_code, moved.status_code) != (200, 403):
        raise BrokenError(f"to read it answers {read.status_code}, to move the champion {moved.status_code}")
    return f"it reads that version {read.json()['model_version']['version']} is champion, and 403 to move it"


def detect(team: Team) -> tuple[str, Sequence[object]]:
    """Return version and detections of a request with a frame of the project.

    Raises:
        BrokenError: the server answers without a token, or not with it.
    """
    frame = sorted((team.project / "data/raw/tiny/images").iterdir())[0]
    url = f"http://127.0.0.1:{team.ports.serve}/detect"
    token = (team.folder / "secrets/serve-token").read_text()
    answers = [
        httpx.post(url, files={"files": (frame.name, frame.read_bytes())}, headers=headers, timeout=60)
        for headers in ({}, {"Authorization": f"Bearer {token}"})
    ]
    if [each.status_code for each in answers] != [401, 200]:
        raise BrokenError(f"without and with a token the server answers {[each.status_code for each in answers]}")
    content = json.loads(answers[1].text)
    return str(content["version"]), content["frames"][0]["detections"]


def _deploy(name: str) -> str:
    return str(ROOT / "deploy" / name)
