"""The mean of the weights of several fits, which often does better on new frames than each of them.

Fits that start from the same weights end in one basin (Wortsman et al., Model soups, ICML 2022), and a fit that goes on
keeps more of what it knew in a mean with its start (WiSE-FT, CVPR 2022); the mean of others is of no use. What
validation decides is decided anew.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from irstd.datasets.sample import Sample
from irstd.errors import ModelError
from irstd.models.bundle import LoadedDetector, bundle_files, load_detector
from irstd.training.finishing import with_validation


def average_bundles(
    folders: Sequence[Path], val: Sequence[Sample], shares: Sequence[float] | None = None
) -> dict[str, bytes]:
    """Return the files of a bundle with the mean weights of those in `folders`, all else that of the first.

    Its `data` names the hashes and shares of the averaged bundles under `averaged`.

    Args:
        folders: of two or more bundles.
        val: samples of the split `val`, which decide its threshold and calibration.
        shares: of each bundle, in (0, 1] with the sum 1; None: equal ones.

    Raises:
        ModelError: a bundle cannot be used, has no weights, or is of another detector or settings than the first; or
            the shares are not as many or not as said.
    """
    shares = shares or [1 / len(folders)] * len(folders)
    if len(shares) != len(folders) or min(shares) <= 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
        raise ModelError(
            f"shares of {len(folders)} bundles: as many numbers above 0 with the sum 1, not {list(shares)}"
        )
    first, *others = [load_detector(folder) for folder in folders]
    for folder, other in zip(folders[1:], others, strict=True):
        _check_alike(first, other, folder)
    states = [loaded.detector.state_dict() for loaded in (first, *others)]
    if not states[0]:
        raise ModelError(f"{folders[0]}: {first.bundle.detector} has no weights to average")
    detector = first.detector
    detector.load_state_dict({name: _mean([state[name] for state in states], shares) for name in states[0]})
    parts = {loaded.hash: share for loaded, share in zip((first, *others), shares, strict=True)}
    data = {**first.bundle.data, "averaged": parts}
    return bundle_files(detector, with_validation(replace(first.bundle, data=data), detector, val))


def _check_alike(first: LoadedDetector, other: LoadedDetector, folder: Path) -> None:
    ours, theirs = ((one.bundle.detector, one.bundle.settings, one.detector.input) for one in (first, other))
    if ours != theirs:
        raise ModelError(
            f"{folder}: holds {other.bundle.detector} with {dict(other.bundle.settings)}, the first bundle"
            f" {first.bundle.detector} with {dict(first.bundle.settings)}; only alike ones can be averaged"
        )


def _mean(tensors: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """Return the mean of floats; of counters, such as those of BatchNorm, the first."""
    if not tensors[0].is_floating_point():
        return tensors[0]
    stacked = torch.stack(list(tensors)).to(torch.float64)
    weights = torch.tensor(shares, dtype=torch.float64).view(-1, *[1] * tensors[0].ndim)
    return (weights * stacked).sum(dim=0).to(tensors[0].dtype)
