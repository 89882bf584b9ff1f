"""One process at a time changes a registry that machines share."""

import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion

from irstd.errors import RegistryError
from irstd.project.process import this_process
from irstd.promotion.champions import registry_state, set_champion
from irstd.promotion.history import BY_PERSON
from irstd.tracking import PROCESS_TAG, TURNS
from irstd.tracking.store import Store, open_store
from irstd.tracking.turns import turn
from pipelines.servers.embedded import LOOPBACK, free_port, server
from tests.tracking.build import new_store, versions


@pytest.fixture
def client(tmp_path: Path) -> MlflowClient:
    return new_store(tmp_path).client


def waiting(client: MlflowClient) -> list[str]:
    return [each.version for each in client.search_model_versions(f"name = '{TURNS}'")]


def test_turns_come_one_after_the_other(client: MlflowClient) -> None:
    inside, most, held = 0, 0, Lock()

    def change(_: int) -> None:
        nonlocal inside, most
        with turn(client, 60):
            with held:
                inside += 1
                most = max(most, inside)
            client.search_registered_models()  # as long as a request takes
            with held:
                inside -= 1

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(change, range(6)))
    assert most == 1
    assert waiting(client) == []


def test_a_turn_ends_with_a_fault_in_it(client: MlflowClient) -> None:
    with pytest.raises(KeyError), turn(client, 60):
        raise KeyError
    assert waiting(client) == []


def tag_of(queue: "multiprocessing.Queue[str]") -> None:
    queue.put(this_process())


def test_turns_of_dead_processes_are_passed_over(client: MlflowClient) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    other = context.Process(target=tag_of, args=(queue,))
    other.start()
    gone = queue.get()
    other.join()
    client.create_registered_model(TURNS)
    client.create_model_version(TURNS, "s3://it", tags={PROCESS_TAG: gone})
    with turn(client, 3600):
        assert len(waiting(client)) == 1


def test_a_turn_of_another_machine_is_passed_over_after_a_while(client: MlflowClient) -> None:
    client.create_registered_model(TURNS)
    client.create_model_version(TURNS, "s3://it", tags={PROCESS_TAG: "elsewhere 1 1"})
    with turn(client, 0):
        assert len(waiting(client)) == 1


def test_who_lost_its_turn_is_told(client: MlflowClient, monkeypatch: pytest.MonkeyPatch) -> None:
    search = client.search_model_versions

    def search_after_a_thief(wanted: str) -> Sequence[ModelVersion]:
        for found in search(wanted):
            client.delete_model_version(TURNS, found.version)
        return search(wanted)

    monkeypatch.setattr(client, "search_model_versions", search_after_a_thief)
    with pytest.raises(RegistryError, match="nothing changed, run it again"), turn(client, 60):
        pass


def test_a_store_of_this_machine_takes_no_turns(tmp_path: Path) -> None:
    embedded = new_store(tmp_path)
    assert not embedded.shared
    assert Store(MlflowClient("http://127.0.0.1:1"), None, tmp_path / "lock").shared


@pytest.mark.slow
def test_a_server_of_mlflow_gives_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    new_store(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/var/mlflow.db", "--artifacts-destination", "artifacts"]
    with server("MLflow", command, f"http://{LOOPBACK}:{port}/health"):
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{LOOPBACK}:{port}")
        store = open_store(tmp_path)
        first, second = versions(store, tmp_path / "bundles", 2)
        set_champion(store, first, BY_PERSON, "the first", None)
        set_champion(store, second, BY_PERSON, "the second", first.number)
        assert registry_state(store).champion == second.number
        assert waiting(store.client) == []
