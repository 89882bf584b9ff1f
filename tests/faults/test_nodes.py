"""The stages on a Ray cluster of two machines, the second without any folder of the first's project."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import timm
import yaml
from safetensors.torch import save_file

from pipelines.servers.embedded import prefect_server
from tests.faults.disk import namespace
from tests.faults.nodes import TwoNodes, two_nodes
from tests.faults.projects import longer
from tests.road.once import prefect_home
from tests.road.project import call

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(namespace() is None, reason="this machine does not allow `unshare -m` with mounts"),
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project whose labels are prepared, and a Prefect server for its stages."""
    project = longer(tmp_path_factory.mktemp("nodes") / "project")
    prefect_home(tmp_path_factory, Path(os.environ["PREFECT_HOME"]))
    with prefect_server():
        call(project, "pipelines.prepare")
        yield project


@pytest.fixture(scope="module")
def alone(prepared: Path) -> bytes:
    """Return search.json as one machine writes it."""
    call(prepared, "pipelines.tune", "spire")
    return (prepared / "outputs/tiny/search/spire.json").read_bytes()


@contextmanager
def seen(nodes: TwoNodes) -> Iterator[set[str]]:
    """Yield the set of tasks that the second node runs meanwhile."""
    found, done = set[str](), threading.Event()

    def look() -> None:
        while not done.is_set():
            found.update(nodes.at_work())
            time.sleep(0.02)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


@pytest.mark.faults
def test_search_fit_and_scores_use_both_machines(prepared: Path, alone: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    params = prepared / "params.yaml"
    content = yaml.safe_load(params.read_text())
    for work in ("fit", "evaluate"):
        content["compute"][work] = {"cpus": 2, "gpus": 0}  # more than the first has
    vit = prepared / "vit.safetensors"  # which the second does not see
    save_file(timm.create_model("test_vit").state_dict(), vit)
    content["variants"]["fdep-acm"] = {
        "model": {"foundation": "test_vit", "weights": vit.name, "statistics": "imagenet"},
        "trials": 1,
    }
    params.write_text(yaml.safe_dump(content, sort_keys=False))
    with two_nodes(prepared, (1, 2)) as nodes, seen(nodes) as names:
        monkeypatch.setenv("RAY_ADDRESS", nodes.address)
        call(prepared, "pipelines.tune", "spire")
        call(prepared, "pipelines.train", "spire")
        call(prepared, "pipelines.evaluate", "spire")
        call(prepared, "pipelines.tune", "fdep-acm")
        call(prepared, "pipelines.train", "fdep-acm")
    assert (prepared / "outputs/tiny/search/spire.json").read_bytes() == alone
    kinds = {name.split(" ")[0] for name in names}
    assert {"ray::ImplicitFunc.train", "ray::_stream", "ray::_score_shard"} <= kinds, names
    assert (prepared / "outputs/tiny/scores/spire/score.json").is_file()
    fitted = json.loads((prepared / "outputs/tiny/bundles/fdep-acm/bundle.json").read_text())
    assert fitted["data"]["foundation_weights"] == hashlib.sha256(vit.read_bytes()).hexdigest()


def test_a_machine_that_dies_in_a_trial_costs_nothing(
    prepared: Path, alone: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prepared / "outputs/tiny/search/spire.json").unlink()
    with two_nodes(prepared, (1, 1)) as nodes:
        monkeypatch.setenv("RAY_ADDRESS", nodes.address)
        tuning = subprocess.Popen(
            [sys.executable, "-m", "pipelines.tune", "spire"],
            cwd=prepared,
            env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said, begun, died = [], set[str](), False
        assert tuning.stdout is not None
        for line in tuning.stdout:
            said.append(line)
            if ": step " in line:
                begun.add(line.partition(":")[0])
            if len(begun) == 2 and not died:  # one on each machine
                died = True
                nodes.die()
        assert tuning.wait() == 0, "".join(said)
    assert died
    assert (prepared / "outputs/tiny/search/spire.json").read_bytes() == alone
    assert sum("step 15 of" in line for line in said) <= 3, "more began again than the one that was there"
