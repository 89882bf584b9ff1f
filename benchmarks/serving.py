"""`irstd serve` beside `mlflow models serve`, of the same bundle: requests a second, and the time of one.

    python benchmarks/serving.py [--bundle FOLDER] [--clients 1 4] [--requests 100] [--rounds 3] [--side 256]

Each request holds one 8-bit frame of --side px as base64 of a PNG, the same bytes for both; every client keeps its
connection and sends the next one when it has its answer. The servers take turns in each round, and the answers are
checked to be the same. The bundle is the shipped one unless another is given. Last come the ratios of their requests/s
and of the CPU time of a request, in which other work on the machine hardly shows, and what HTTP, JSON and PNG leave of
the frames/s of the same detector called in one process by one thread.
"""

import argparse
import base64
import http.client
import importlib.util
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from irstd.errors import ComputeError
from irstd.frames import Frame
from irstd.models.pretrained import FOLDER
from irstd.project.environment import prepare_environment

_PATIENCE_S = 180.0


@dataclass
class Server:
    """A server that answers, and what was measured of it."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]
    rates: list[float] = field(default_factory=list)
    cpus_s: list[float] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)

    def cpu_s(self) -> float:
        """CPU time so far of the process and of those that it started."""
        parent = psutil.Process(self.process.pid)
        return sum(sum(each.cpu_times()[:2]) for each in (parent, *parent.children(recursive=True)))


def main() -> None:
    """Serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=FOLDER)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--requests", type=int, default=100, help="for each number of clients, round and server")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", type=int, default=256)
    options = parser.parse_args()
    frame = np.random.default_rng(0).integers(20, 60, (options.side, options.side)).astype(np.uint8)
    frame[100:103, 100:103] = 220
    encoded = base64.b64encode(cv2.imencode(".png", frame)[1].tobytes()).decode()
    body = json.dumps({"inputs": [encoded]}).encode()
    bundle = options.bundle.resolve()
    alone = _in_process(bundle, frame)
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs"  # without which the figures say little
    print(f"{bundle.name}, {options.side} × {options.side} px, {busy}; in one process {alone:.1f} frames/s")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        theirs = stack.enter_context(_mlflow(bundle, Path(scratch)))
        ours = stack.enter_context(_irstd(bundle, Path(scratch)))
        _check_same(_ask(theirs, body), _ask(ours, body))
        for clients in options.clients:
            _measure(theirs, ours, body, (clients, options.requests, options.rounds))
            for each in (theirs, ours):
                half, most = 1000 * np.percentile(each.times_s, (50, 99))
                rate, cpu = statistics.median(each.rates), 1000 * statistics.median(each.cpus_s)
                print(
                    f"{clients} clients, {each.name:6}: {rate:6.1f} requests/s, median {half:6.1f} ms, "
                    f"p99 {most:6.1f} ms, CPU {cpu:6.1f} ms a request"
                )
            share = statistics.median(ours.rates) / alone
            print(
                f"{clients} clients: ratio of requests/s {_ratio(ours.rates, theirs.rates)}, of CPU time "
                f"{_ratio(theirs.cpus_s, ours.cpus_s)}; {share:.2f} of one process"
            )


def _ratio(mine: list[float], other: list[float]) -> str:
    """Return the median ratio, and that of each round."""
    ratios = [first / second for first, second in zip(mine, other, strict=True)]
    return f"{statistics.median(ratios):.2f} (rounds {', '.join(f'{ratio:.2f}' for ratio in ratios)})"


def _measure(theirs: Server, ours: Server, body: bytes, plan: tuple[int, int, int]) -> None:
    """Fill in rates and times; `plan` has clients, requests and rounds."""
    clients, requests, rounds = plan
    for each in (theirs, ours):
        each.rates, each.cpus_s, each.times_s = [], [], []
        _load(each, body, clients, 2 * clients)  # warms it up
    for _ in range(rounds):
        for each in (theirs, ours):
            before = each.cpu_s()
            seconds, times = _load(each, body, clients, requests)
            each.cpus_s.append((each.cpu_s() - before) / len(times))
            each.rates.append(len(times) / seconds)
            each.times_s += times


def _load(server: Server, body: bytes, clients: int, requests: int) -> tuple[float, list[float]]:
    """Seconds for all requests, and for each."""

    def client(_: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        times = []
        for _ in range(requests // clients):
            start = time.perf_counter()
            _answer(connection, server, body)
            times.append(time.perf_counter() - start)
        connection.close()
        return times

    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        times = [each for own in pool.map(client, range(clients)) for each in own]
        return time.perf_counter() - start, times


def _ask(server: Server, body: bytes) -> Any:
    return _answer(http.client.HTTPConnection("127.0.0.1", server.port), server, body)


def _answer(connection: http.client.HTTPConnection, server: Server, body: bytes) -> Any:
    connection.request("POST", server.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise ComputeError(f"{server.name}: status {answer.status}: {content[:200]!r}")
    return json.loads(content)


def _check_same(theirs: Any, ours: Any) -> None:
    first = [[each["x"], each["y"], each["score"]] for each in theirs["predictions"][0]]
    second = [[each["x"], each["y"], each["score"]] for each in ours["frames"][0]["detections"]]
    np.testing.assert_allclose(first, second, atol=2e-3)
    print(f"both answer the same {len(first)} detections")


def _in_process(bundle: Path, frame: Frame) -> float:
    import torch  # noqa: PLC0415 - takes seconds

    from irstd.models.bundle import load_detector  # noqa: PLC0415

    torch.set_num_threads(1)
    loaded = load_detector(bundle)
    for _ in range(3):
        loaded(frame)
    start = time.perf_counter()
    for _ in range(20):
        loaded(frame)
    return 20 / (time.perf_counter() - start)


@contextmanager
def _mlflow(bundle: Path, scratch: Path) -> Iterator[Server]:
    prepare_environment(scratch)
    from irstd.tracking.registering import register  # noqa: PLC0415 - reads the environment
    from irstd.tracking.runs import variant_run  # noqa: PLC0415
    from irstd.tracking.store import open_store, tracking_uri  # noqa: PLC0415

    store = open_store(scratch)
    run = variant_run(store, "benchmark", "served", "one")
    version = register(store, run, _copied(bundle, scratch), {})
    run.end()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the server looks for its own programs
    command = ["mlflow", "models", "serve", "-m", f"models:/irstd/{version.number}", "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    given = {**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": tracking_uri(scratch)}
    with _running(command, given, scratch / "mlflow.log") as process:
        yield _awaited(Server("MLflow", port, "/invocations", process), scratch / "mlflow.log")


@contextmanager
def _irstd(bundle: Path, scratch: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "irstd.cli", "serve", "--port", str(port), "--model", str(bundle)]
    log = scratch / "irstd.log"
    with _running(command, dict(os.environ), log) as process:
        deadline = time.monotonic() + _PATIENCE_S
        while _has_runtime() and "ONNX Runtime" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.5)  # it begins in torch
        print(log.read_text().strip())
        yield _awaited(Server("irstd", port, "/detect", process), scratch / "irstd.log")


def _has_runtime() -> bool:
    return all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))


def _copied(bundle: Path, scratch: Path) -> Path:
    """Return a folder with the bundle's files alone; the shipped one has its card beside them."""
    from irstd.models.folder import read_bundle, replace_folder  # noqa: PLC0415

    replace_folder(scratch / "bundle", read_bundle(bundle))
    return scratch / "bundle"


@contextmanager
def _running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _awaited(server: Server, log: Path) -> Server:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=2)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise ComputeError(f"{server.name} does not answer: {log.read_text()[-300:]}")


if __name__ == "__main__":
    main()
