"""The champion behind a real server, as an operator starts it."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import mlflow.pyfunc
import numpy as np
import pytest

from irstd.frames import Frame
from irstd.models.bundle import load_detector
from irstd.promotion.champions import set_champion
from tests.sockets import beyond_loopback, listening
from tests.tracking.build import new_store, tiny_bundle, versions

pytestmark = pytest.mark.slow

FRAME = np.random.default_rng(0).integers(30, 40, (64, 80)).astype(np.uint8)
FRAME[20:23, 50:53] = 220


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `mlflow models serve` on the champion."""
    root = tmp_path_factory.mktemp("served")
    store = new_store(root)
    set_champion(store, versions(store, root / "bundles", 1)[0], "promoted by the gate", "the first", None)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "MLFLOW_TRACKING_URI": f"sqlite:///{root / 'var/mlflow.db'}"}
    given |= {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    port = free_port()
    command = ["mlflow", "models", "serve", "-m", "models:/irstd@champion", "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (root / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **given}, stdout=log, stderr=log, start_new_session=True, cwd=root
        )
    try:
        wait(f"http://127.0.0.1:{port}/health", process, root / "server.log")
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_it_listens_on_loopback(server: str) -> None:
    port = int(server.split(":")[2].split("/", maxsplit=1)[0])
    sockets = listening(os.getpid())
    assert port in {each[2] for each in sockets}
    assert beyond_loopback(sockets) == []


def ask(server: str, content: object) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    request = urllib.request.Request(server, json.dumps(content).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def test_it_answers_files_and_levels_alike(server: str, tmp_path: Path) -> None:
    deep = FRAME.astype(np.uint16) * 200
    files = [
        base64.b64encode(cv2.imencode(kind, image)[1].tobytes()).decode()
        for kind, image in ((".png", FRAME), (".tiff", deep))
    ]
    status, answer = ask(server, {"inputs": [*files, FRAME.tolist(), {"image": deep.tolist(), "bits": 16}]})
    assert status == 200
    loaded = load_detector(tiny_bundle(tmp_path / "same", 1.0))
    sent: tuple[Frame, ...] = (FRAME, deep, FRAME, deep)
    for found, frame in zip(answer["predictions"], sent, strict=True):
        ours = loaded(frame)
        assert len(ours) > 0
        np.testing.assert_allclose([(each["x"], each["y"]) for each in found], ours.points)
        np.testing.assert_allclose([each["score"] for each in found], ours.scores)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ({"inputs": [[1, 2, 3]]}, "frame 0: has shape (3,); levels are (H, W) or (H, W, 3)"),
        ({"inputs": [[[0.5] * 9] * 9]}, "frame 0: levels are float64; they must be whole numbers"),
        ({"inputs": [[[5] * 4] * 4]}, "frame 0: is 4 × 4 px; sides must be 8 to 8192 px"),
        ({"inputs": ["aaaa"]}, "frame 0: 3 bytes that are no image that can be read; send a PNG or TIFF file"),
        ({"inputs": "aaaa"}, "inputs must be a list of frames"),
        ({"frames": []}, "Request payload must be a dictionary with 'inputs' key"),
    ],
)
def test_what_is_no_frame_is_the_callers_fault_in_one_line(server: str, content: object, line: str) -> None:
    status, answer = ask(server, content)
    assert status == 400
    assert answer["message"].startswith(line)
    assert "\n" not in answer["message"]
    assert "stack_trace" not in answer


def test_signature_and_example_say_what_to_send(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    (version,) = versions(store, tmp_path / "bundles", 1)
    source = str(store.client.get_model_version("irstd", version.number).source).removeprefix("file://")
    model = mlflow.pyfunc.load_model(source)
    assert model.metadata.signature is not None
    assert model.metadata.get_input_schema() is not None
    (example,) = json.loads((Path(source) / "serving_input_example.json").read_text())["inputs"]
    ((found,),) = model.predict([example])
    assert (round(found["x"]), round(found["y"])) == (41, 31)
