"""What the team has: champion, versions, runs, flow runs, frames. What a fault must leave as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import httpx
import s3fs

from irstd.promotion.champions import registry_state
from irstd.tracking import BUNDLE_TAG
from irstd.tracking.fetching import fetch_version
from irstd.tracking.registry import get_version
from irstd.tracking.store import open_store

_FINAL = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}}


@dataclass(frozen=True)
class State:
    """The team's state.

    Attributes:
        champion: its version.
        versions: hash of the bundle by version; each was fetched and checked.
        history: entries of the history of champions.
        runs: name, status and metrics by run.
        flows: final state by flow run.
        objects: size by object of the remote of DVC.
    """

    champion: str | None
    versions: Mapping[str, str]
    history: tuple[Any, ...]
    runs: Mapping[str, Any]
    flows: Mapping[str, str]
    objects: Mapping[str, int]

    def lost(self, now: "State") -> list[str]:
        """Return what is here and `now` is missing or another, in words; more runs are no loss."""
        found = []
        for each in fields(self):
            before, after = getattr(self, each.name), getattr(now, each.name)
            if isinstance(before, Mapping):
                found += [f"{each.name}: {key}" for key, value in before.items() if after.get(key) != value]
            elif before != after:
                found.append(f"{each.name}: {before} became {after}")
        return found


def team_state(project: Path, environment: Mapping[str, str]) -> State:
    """Ask every service for what it has; MLflow's address and login come from this process's environment."""
    store = open_store(project)
    registry = registry_state(store)
    for number in registry.versions:
        fetch_version(store, number)
    experiments = [found.experiment_id for found in store.client.search_experiments()]
    runs = store.client.search_runs(experiments, max_results=1000)
    return State(
        champion=registry.champion,
        versions={number: get_version(store, number).tags.get(BUNDLE_TAG, "") for number in registry.versions},
        history=registry.history,
        runs={run.info.run_id: (run.info.run_name, run.info.status, run.data.metrics) for run in runs},
        flows=_flows(environment),
        objects={name: int(about["size"]) for name, about in _bucket(environment).items()},
    )


def _flows(environment: Mapping[str, str]) -> dict[str, str]:
    found = prefect(environment, "flow_runs/filter", {"flow_runs": _FINAL, "limit": 200})
    return {run["id"]: run["state"]["name"] for run in found}


def _bucket(environment: Mapping[str, str]) -> dict[str, Any]:
    opened = s3fs.S3FileSystem(
        key=environment["AWS_ACCESS_KEY_ID"],
        secret=environment["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        skip_instance_cache=True,
        use_listings_cache=False,
    )
    return dict(opened.find("irstd-dvc", detail=True))


def prefect(environment: Mapping[str, str], path: str, content: Any = None) -> Any:
    """Return what Prefect's server answers: to a GET, or to a POST where there is content."""
    user, _, word = environment["PREFECT_API_AUTH_STRING"].partition(":")
    url = f"{environment['PREFECT_API_URL']}/{path}"
    method = "GET" if content is None else "POST"
    answer = httpx.request(method, url, json=content, auth=(user, word), timeout=30)
    return answer.raise_for_status().json()
