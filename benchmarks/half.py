"""The cost of weights in 16 bit: the scores of a bundle, of its ONNX file and of its ONNX file with --half.

    python -m benchmarks.half DATASET [--model pretrained] [--split val]

DATASET is a folder in the canonical form (data/README.md). All three go through the same steps after the raw output.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irstd.datasets.canonical import CanonicalDataset
from irstd.evaluation.scoring import score_frames
from irstd.export.runtime import load_bytes
from irstd.export.writing import onnx_file
from irstd.models.base import Detector
from irstd.models.bundle import load_detector
from irstd.models.pretrained import find_bundle


def main() -> None:
    """Print a row for each of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", default="pretrained")
    parser.add_argument("--split", default="val")
    options = parser.parse_args()
    loaded = load_detector(find_bundle(options.model))
    dataset = CanonicalDataset.open(options.dataset)
    samples = [dataset.sample(name) for name in dataset.splits[options.split]]
    files = {half: onnx_file(loaded, half=half) for half in (False, True)}
    print(f"{options.model} on {options.split} of {options.dataset.name}, {len(samples)} frames")
    for name, file in {"bundle": None, "onnx": files[False], "onnx --half": files[True]}.items():
        detector = load_detector(find_bundle(options.model)).detector
        size = ""
        if file is not None:
            _run_by(detector, load_bytes(file.data, name).detector.forward)
            size = f"{len(file.data) / 1e6:.2f} MB, raw output within {file.difference:.1g} on noise"
        score = score_frames(detector, samples, loaded.bundle.operating).compute()
        figures = (
            f"HSE {score.hse:.3f}  HSE-2 {score.hse_2:.3f}  F1 {score.at_5px.f1:.4f}  Pd {score.at_5px.recall:.4f}"
        )
        print(f"  {name:12} {figures}  {size}", flush=True)


def _run_by(detector: Detector, forward: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> None:
    """Put another forward pass in place of the detector's own."""

    def run(images: Tensor) -> Tensor:
        return torch.from_numpy(forward(np.ascontiguousarray(images.numpy())))

    detector.forward = run  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
