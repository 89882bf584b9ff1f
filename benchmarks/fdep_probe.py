"""A linear probe: how well can the blocks of a ViT tell the tokens that hold a target (docs/fdep.md)?

    python -m benchmarks.fdep_probe data/raw/nudt-sirst --weights dinov2-s14.safetensors

A logistic regression is fitted on tokens of some training frames and judged on those of others, by average precision:
for each tap, for all of them side by side, for the same ViT with random weights, and for mean, deviation, least and
greatest level of the token's pixels.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn import functional as F

from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.sample import Sample
from irstd.frames import to_8bit, to_grey
from irstd.models.fdep.foundation import Foundation, Reading
from irstd.training.device import seeded

Tokens = NDArray[np.float32]


def image_of(sample: Sample) -> torch.Tensor:
    """The frame as float32 (1, 1, H, W) in [0, 1]."""
    return torch.from_numpy(to_grey(to_8bit(sample.frame))).float()[None, None] / 255.0


def tokens_of(
    vit: Foundation, samples: Sequence[Sample], taps: tuple[int, ...]
) -> tuple[list[Tokens], tuple[int, int]]:
    """For each tap the tokens (n, channels) of all frames, row by row, and the tokens of a frame, rows and columns."""
    found = [vit.features(image_of(sample), taps) for sample in samples]
    rows, columns = found[0][0].shape[2:]
    flat = [torch.cat([each[tap].flatten(2)[0].T for each in found]).numpy() for tap in range(len(taps))]
    return flat, (int(rows), int(columns))


def labels_of(samples: Sequence[Sample], grid: tuple[int, int]) -> NDArray[np.bool_]:
    """(n,): a pixel of a target is in the token."""
    found = np.zeros((len(samples), *grid), dtype=np.bool_)
    for own, sample in zip(found, samples, strict=True):
        if sample.mask is not None:
            rows, columns = np.nonzero(sample.mask)
            own[rows * grid[0] // sample.mask.shape[0], columns * grid[1] // sample.mask.shape[1]] = True
    return found.ravel()


def pixels_of(samples: Sequence[Sample], grid: tuple[int, int]) -> Tokens:
    """(n, 4): mean, deviation, least and greatest level of the pixels of a token."""
    found = []
    for sample in samples:
        image = image_of(sample)
        mean, square = (F.adaptive_avg_pool2d(each, grid) for each in (image, image**2))
        low, high = -F.adaptive_max_pool2d(-image, grid), F.adaptive_max_pool2d(image, grid)
        found.append(torch.stack((mean, (square - mean**2).clamp(min=0).sqrt(), low, high)).flatten(1).T)
    return np.asarray(torch.cat(found).numpy(), dtype=np.float32)


def probed(tokens: Tokens, labels: NDArray[np.bool_], fitted: int) -> float:
    """Average precision on the tokens from `fitted` on, of a regression on those before."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
    probe.fit(tokens[:fitted], labels[:fitted])
    return float(average_precision_score(labels[fitted:], probe.decision_function(tokens[fitted:])))


def main(arguments: Sequence[str] | None = None) -> None:
    """Probe and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="a folder in the canonical form with masks, frames of one size")
    parser.add_argument("--weights", required=True, help="a safetensors file of the ViT in timm's keys, or hub")
    parser.add_argument("--foundation", default="vit_small_patch14_dinov2")
    parser.add_argument("--statistics", default="imagenet", choices=("imagenet", "half"))
    parser.add_argument("--taps", nargs="+", type=int, default=(2, 4, 6, 8))
    parser.add_argument("--side", type=int, default=266)
    parser.add_argument("--norm", action="store_true", help="with the ViT's final norm")
    parser.add_argument("--frames", nargs=2, type=int, default=(60, 40), help="to fit and to judge")
    options = parser.parse_args(arguments)
    dataset = CanonicalDataset.open(options.dataset)
    names = dataset.splits["train"]
    chosen = np.linspace(0, len(names) - 1, sum(options.frames)).astype(int)
    samples = [dataset.sample(names[index]) for index in np.random.default_rng(0).permutation(chosen)]
    reading, taps = Reading(options.side, options.norm, options.statistics), tuple(options.taps)
    with seeded(0, torch.get_num_threads()):
        for weights in (options.weights, "random"):
            tokens, grid = tokens_of(Foundation(options.foundation, weights, reading), samples, taps)
            labels, fitted = labels_of(samples, grid), options.frames[0] * grid[0] * grid[1]
            for tap, own in zip(taps, tokens, strict=True):
                print(f"{weights}, block {tap}: {probed(own, labels, fitted):.3f}", flush=True)
            print(f"{weights}, all of these: {probed(np.concatenate(tokens, axis=1), labels, fitted):.3f}", flush=True)
    print(f"pixels: {probed(pixels_of(samples, grid), labels, fitted):.3f}")
    print(f"{labels.sum()} of {len(labels)} tokens hold a target; {grid[0]} × {grid[1]} a frame")


if __name__ == "__main__":
    main()
