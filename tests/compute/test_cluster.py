"""The cluster that stages start for themselves."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from irstd.compute.cluster import cluster
from irstd.compute.ray_folder import ray_folder
from irstd.compute.search import Report, SearchListener, SearchPlan, TrialResult, run_search
from irstd.compute.space import Trial, draw_trials
from irstd.errors import ComputeError
from irstd.project.environment import prepare_environment
from irstd.project.instructions import FIXED
from irstd.settings.compute import Resources
from irstd.training.checkpoint import Shelf
from pipelines.servers.embedded import ray_head


class Quiet(SearchListener):
    """Nobody listens."""

    def started(self, trial: Trial) -> None:
        """A trial begins."""
        del trial

    def progressed(self, trial: Trial, step: int, figures: Mapping[str, float | None]) -> None:
        """A trial goes on."""
        del trial, step, figures

    def ended(self, result: TrialResult) -> None:
        """A trial is over."""
        del result


def folder(draw: Mapping[str, Any], data: Any, report: Report, shelf: Shelf) -> dict[str, float | None]:
    """1 in the folder `data`, else 0; a relative path in a setting means the same wherever it is read."""
    return {"hse": float(Path.cwd() == data)}


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose sockets have short paths."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.slow
def test_a_trial_works_in_the_folder_of_its_driver(
    tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    prepare_environment(None)
    plan = SearchPlan(Resources(1), tmp_path)
    monkeypatch.setenv("RAY_TMPDIR", str(short_folder))
    with cluster():
        (private,) = short_folder.iterdir()
        assert private.stat().st_mode & 0o777 == 0o700
        assert list(private.glob("r/session_*/sockets/plasma_store"))
        (result,) = run_search(folder, draw_trials({}, 1, seed=0), Path.cwd(), plan, Quiet())
    assert result.figures == {"hse": 1.0}
    assert list(short_folder.iterdir()) == []


SEEN = """
import os
from irstd.compute.cluster import cluster
from irstd.compute.ray_import import ray

with cluster():
    names = ("MALLOC_ARENA_MAX", "ATEN_CPU_CAPABILITY")
    print(*ray.get(ray.remote(lambda: [os.environ.get(name) for name in names]).remote()))
"""


@pytest.mark.slow
def test_workers_compute_as_their_driver_whether_they_inherit_its_environment_or_not(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(short_folder))
    prepare_environment(None)
    with ray_head():
        for given, seen in (({}, "1 None"), (FIXED, "1 avx2")):
            ran = subprocess.run(
                [sys.executable, "-c", SEEN], env={**os.environ, **given}, capture_output=True, text=True, check=True
            )
            assert ran.stdout.split("\n")[0] == seen, ran
    assert "RAY_ADDRESS" not in os.environ


def test_ray_s_client_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray://10.0.0.1:10001")
    with (
        pytest.raises(ComputeError, match=r"RAY_ADDRESS=ray://10.0.0.1:10001: .* run on a machine of the cluster"),
        cluster(),
    ):
        pass


def test_a_cluster_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        monkeypatch.setattr(sys.modules[cluster.__module__], "has_token", lambda: False)
        with pytest.raises(ComputeError, match=rf"RAY_ADDRESS={address}: .* token"), cluster():
            pass


def test_a_stale_address_is_one_line_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as bound:  # and not listening
        bound.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        for each in (address, "127.0.0.1:99999"):
            monkeypatch.setenv("RAY_ADDRESS", each)
            with pytest.raises(ComputeError, match=f"^RAY_ADDRESS={each}: nothing listens there"), cluster():
                pass
            with pytest.raises(ComputeError, match=f"^RAY_ADDRESS={each}: "), ray_head():
                pass


@pytest.mark.parametrize("variable", ["RAY_TMPDIR", "TMPDIR"])
def test_a_place_too_long_for_sockets_is_named(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.setenv(variable, str(tmp_path / ("x" * 100)))
    with pytest.raises(ComputeError, match=f"^{variable}=.*sockets"), ray_folder():
        pass
    assert list(tmp_path.iterdir()) == []


def test_folders_of_killed_processes_go_and_others_stay(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    kept = {f"irstd-ray-{os.getpid()}-abc", "irstd-ray-x-y", f"irstd-rays-{dead.pid}-a"}
    for name in (f"irstd-ray-{dead.pid}-abc", *kept):
        (short_folder / name).mkdir()
    monkeypatch.setenv("RAY_TMPDIR", str(short_folder))
    with ray_folder() as folder:
        assert {each.name for each in short_folder.iterdir()} == kept | {folder.parent.name}
