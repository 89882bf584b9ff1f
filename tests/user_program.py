"""A program of a user: `mypy --strict` passes it (`make check`), and so does it run (tests/test_public_api.py)."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import irstd


def found_and_scored(bundle: Path, dataset: Path) -> tuple[int, float | None]:
    """Detect on the test frames of a dataset; return the number of detections and HSE-2."""
    detector = irstd.load(bundle)
    assert_type(detector, irstd.LoadedDetector)
    opened = irstd.CanonicalDataset.open(dataset)
    score, count = irstd.HSE(), 0
    for sample in opened.samples("test"):
        assert_type(sample, irstd.Sample)
        found = detector(sample.frame)
        assert_type(found, irstd.Detections)
        assert_type(found.points, NDArray[np.float64])
        prediction = detector.predict(irstd.read_image(dataset / "images" / f"{sample.name}.png"))
        assert_type(prediction, irstd.Prediction)
        score.update(prediction.response, irstd.read_mask(dataset / "masks" / f"{sample.name}.png"))
        count += len(found)
    result = score.compute()
    assert_type(result, irstd.Score)
    return count, result.hse_2


def compared(bundle: Path, dataset: Path) -> dict[str, Any]:
    """Score a detector and compare it with itself."""
    detector, samples = irstd.load(bundle), list(irstd.CanonicalDataset.open(dataset).samples("test"))
    scored = irstd.score_frames(detector.detector, samples, detector.bundle.operating)
    assert_type(scored, irstd.HSE)
    comparison = irstd.compare({"one": scored.frames, "other": scored.frames}, seed=0)
    assert_type(comparison, irstd.Comparison)
    return comparison.to_dict()


def message(bundle: Path) -> str:
    """Return what is wrong with a bundle; empty if nothing is."""
    try:
        irstd.load(bundle)
    except irstd.IrstdError as fault:
        return str(fault)
    return ""
