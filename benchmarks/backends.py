"""The forward pass on the CPU by torch, ONNX Runtime and OpenVINO: medians, and ratios to eager torch, in one run.

    python -m benchmarks.backends [--detectors spire spire-plus] [--threads 1 2] [--side 512] [--rounds 15]

Random weights, one image. The ways take turns, so that what else the machine does falls on all of them alike; CPU time,
of all threads together, is nearly the same on a busy machine. A way whose package is not installed is left out: irstd's
extra `onnx` brings ONNX Runtime, and `pip install openvino` OpenVINO.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from irstd.export.runtime import load_bytes
from irstd.export.writing import onnx_file
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files, load_files
from irstd.models.folding import folded
from irstd.models.registry import build

Way = Callable[[], object]


@dataclass(frozen=True)
class Load:
    """A network, an image and the threads to measure with.

    Attributes:
        detector: name in the registry.
        side: of the image, in px.
        threads: that each way may use.
    """

    detector: str
    side: int
    threads: int


def main() -> None:
    """Print a table for each detector and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detectors", nargs="+", default=["spire", "spire-plus"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{_processor()}; torch {torch.__version__}")
    for detector in options.detectors:
        for threads in options.threads:
            load = Load(detector, options.side, threads)
            print(f"{detector}, {load.side} × {load.side} px, {threads} thread{'s' * (threads > 1)}", flush=True)
            _print(_medians(_ways(load), options.rounds))


def _ways(load: Load) -> Mapping[str, Way]:
    torch.manual_seed(0)
    torch.set_num_threads(load.threads)
    loaded = load_files(bundle_files(build(load.detector, {}), Bundle(load.detector, {}, Rules())), "benchmark")
    images = torch.rand(1, loaded.detector.input.channels, load.side, load.side)
    last = images.contiguous(memory_format=torch.channels_last)
    plain, lean = loaded.detector, folded(loaded.detector)
    leaner: Any = folded(loaded.detector).to(memory_format=torch.channels_last)
    ways: dict[str, Way] = {
        "torch, eager": lambda: plain(images),
        "torch, folded": lambda: lean(images),
        "torch, folded, channels last": lambda: leaner(last),
    }
    if importlib.util.find_spec("onnxruntime") is not None:
        data = onnx_file(loaded).data
        array = images.numpy()
        forward = load_bytes(data, "benchmark", load.threads).detector.forward
        ways["ONNX Runtime"] = lambda: forward(array)
        if importlib.util.find_spec("openvino") is not None:
            ways["OpenVINO"] = _openvino(data, array, load.threads)
    return ways


def _openvino(data: bytes, images: np.ndarray[Any, np.dtype[np.float32]], threads: int) -> Way:
    core = importlib.import_module("openvino").Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(data), "CPU", settings)
    return lambda: compiled([images])


@torch.inference_mode()
def _medians(ways: Mapping[str, Way], rounds: int) -> dict[str, tuple[float, float]]:
    """Return the median wall and CPU time of each way, in ms; the first two rounds are left out."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(rounds + 2):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            if turn > 1:
                times[name].append(((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3))
    return {
        name: (statistics.median(wall for wall, _ in each), statistics.median(cpu for _, cpu in each))
        for name, each in times.items()
    }


def _print(medians: Mapping[str, tuple[float, float]]) -> None:
    reference = next(iter(medians.values()))
    for name, median in medians.items():
        wall, cpu = (f"{ms:7.1f} ms ({whole / ms:.2f} × eager)" for ms, whole in zip(median, reference, strict=True))
        print(f"  {name:30} wall {wall}   CPU {cpu}", flush=True)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "processor not known")


if __name__ == "__main__":
    main()
