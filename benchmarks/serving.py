"""Requests a second, and the 50th and 99th percentile of their time, of a model behind `mlflow models serve`.

    python benchmarks/serving.py [--model models:/irstd@champion | --bundle FOLDER] [--clients 1 2 4] [--requests 100]

Each request holds one 8-bit frame of --side px as base64 of a PNG; every client sends the next one when it has its
answer. The ratio printed last is requests/s to frames/s of the same detector called in one process: what HTTP, JSON
and PNG leave of it.
"""

import argparse
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from irstd.errors import ComputeError
from irstd.frames import Frame
from irstd.project.environment import find_root, prepare_environment

_PATIENCE_S = 180.0


def main() -> None:
    """Serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models:/irstd@champion")
    parser.add_argument("--bundle", type=Path, help="serve this bundle, out of a registry of its own")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--requests", type=int, default=100, help="for each number of clients")
    parser.add_argument("--side", type=int, default=256)
    options = parser.parse_args()
    frame = np.random.default_rng(0).integers(20, 60, (options.side, options.side)).astype(np.uint8)
    frame[100:103, 100:103] = 220
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) if options.bundle else find_root()
        prepare_environment(root)
        model = _registered(root, options.bundle) if options.bundle else options.model
        alone = _in_process(root, model, frame)
        busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs"  # without which the figures say little
        print(f"{model}, {options.side} × {options.side} px, {busy}; in one process {alone:.1f} frames/s")
        best = 0.0
        with _server(root, model, Path(scratch)) as address:
            for clients in options.clients:
                seconds, times = _ask(address, frame, clients, options.requests)
                rate, (half, most) = len(times) / seconds, 1000 * np.percentile(times, (50, 99))
                best = max(best, rate)
                print(f"{clients} clients: {rate:6.1f} requests/s, median {half:6.1f} ms, p99 {most:6.1f} ms")
        print(f"ratio {best / alone:.2f}")


def _registered(root: Path, bundle: Path) -> str:
    from irstd.tracking.registering import register  # noqa: PLC0415 - reads the environment
    from irstd.tracking.runs import variant_run  # noqa: PLC0415 - reads the environment
    from irstd.tracking.store import open_store  # noqa: PLC0415 - reads the environment

    store = open_store(root)
    version = register(store, variant_run(store, "benchmark", "served", "one"), bundle, {})
    return f"models:/irstd/{version.number}"


def _in_process(root: Path, model: str, frame: Frame) -> float:
    from irstd.models.bundle import load_files  # noqa: PLC0415 - with the environment
    from irstd.tracking.fetching import fetch_files  # noqa: PLC0415
    from irstd.tracking.store import open_store  # noqa: PLC0415

    loaded = load_files(fetch_files(open_store(root), model), model)
    for _ in range(3):
        loaded(frame)
    start = time.perf_counter()
    for _ in range(20):
        loaded(frame)
    return 20 / (time.perf_counter() - start)


@contextmanager
def _server(root: Path, model: str, scratch: Path) -> Iterator[str]:
    from irstd.tracking.store import tracking_uri  # noqa: PLC0415 - with the environment

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the server looks for its own programs
    command = ["mlflow", "models", "serve", "-m", model, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", port, "--workers", "1"]
    given = {**os.environ, "PATH": path, "MLFLOW_TRACKING_URI": tracking_uri(root)}
    with (scratch / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=given, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/invocations"
    except ComputeError:
        print((scratch / "server.log").read_text(), file=sys.stderr)
        raise
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise ComputeError(f"the server at {address} does not answer")


def _ask(address: str, frame: Frame, clients: int, requests: int) -> tuple[float, list[float]]:
    """Seconds for all of them, and for each."""
    encoded = base64.b64encode(cv2.imencode(".png", frame)[1].tobytes()).decode()
    body = json.dumps({"inputs": [encoded]}).encode()

    def one(_: int) -> float:
        start = time.perf_counter()
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            json.load(answer)
        return time.perf_counter() - start

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, range(2 * clients)))  # the first ones warm it up
        start = time.perf_counter()
        times = list(pool.map(one, range(requests)))
        return time.perf_counter() - start, times


if __name__ == "__main__":
    main()
