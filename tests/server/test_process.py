"""The command as a person starts it: a process on loopback that takes over a new champion without a dropped request."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest

from irstd.promotion.champions import set_champion
from tests.server.conftest import bright, image
from tests.sockets import beyond_loopback, listening
from tests.tracking.build import new_store, versions

pytestmark = pytest.mark.slow

FRAME = {"files": {"files": ("a.png", image(bright()))}}


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """The process, its first line and its address; stopped at the end, when it must have ended by itself."""
    left_out = ("MLFLOW_", "IRSTD_SERVE_TOKEN")
    given = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    command = [sys.executable, "-m", "irstd.cli", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**given, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield process, line, line.partition(" on ")[2].split(" ")[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.communicate()


def test_a_new_champion_takes_over_without_a_dropped_request(tmp_path: Path) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).write_text("")
    store = new_store(tmp_path)
    first, second = versions(store, tmp_path / "bundles", 2)
    set_champion(store, first, "promoted by the gate", "the first", None)
    with serving(tmp_path) as (process, line, address):
        assert line.startswith("serving models:/irstd@champion (version 1, tophat, bundle ")
        sockets = listening(process.pid)
        assert len(sockets) == 1
        assert beyond_loopback(sockets) == []
        taken_over = Event()

        def client(_: int) -> list[str]:
            """Ask until the new champion answers; the versions that answered."""
            found = []
            with httpx.Client(base_url=address, timeout=30) as asking:
                while not taken_over.is_set():
                    answer = asking.post("/detect", **FRAME)  # type: ignore[arg-type]
                    found.append(answer.json()["version"] if answer.status_code == 200 else answer.text)
                    if found[-1] == second.number:
                        taken_over.set()
            return found

        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(client, number) for number in range(3)]
            try:
                set_champion(store, second, "promoted by the gate", "the second", first.number)
                assert process.stdout is not None
                now = next(each for each in process.stdout if "(version 2, " in each)
                assert now.startswith("now serving models:/irstd@champion (version 2, tophat, bundle ")
                answers = [each for one in asked for each in one.result(timeout=60)]
            finally:
                taken_over.set()
        assert set(answers) == {first.number, second.number}


def test_without_a_project_the_shipped_model_is_served(tmp_path: Path) -> None:
    with serving(tmp_path, "--model", "pretrained") as (_, line, address):
        assert line.startswith("serving pretrained (spire-plus, bundle ")
        assert httpx.post(f"{address}detect", **FRAME).status_code == 200  # type: ignore[arg-type]
        rebound = httpx.get(address, headers={"Host": "evil.example"})
        assert (rebound.status_code, len(rebound.text.splitlines())) == (421, 1)
