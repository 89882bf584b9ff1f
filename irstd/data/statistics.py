"""Figures of a prepared dataset."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.data.canonical import CanonicalDataset
from irstd.data.prepared import target_rows
from irstd.files import write_text
from irstd.frames import to_8bit, to_grey


def prepare_statistics(folder: Path) -> None:
    """Write statistics.json of the frames, points and splits in `folder`; rounded to 6 digits, keys sorted.

    Counts a split; sizes as height×width; areas in px, null without targets or masks; grey levels of train in [0, 1].

    Raises:
        DataError: a file cannot be read or written.
    """
    dataset = CanonicalDataset.open(folder)
    frames, targets, empty, sizes = (Counter[str]() for _ in range(4))
    histogram, areas = np.zeros(256, dtype=np.int64), list[int]()
    for split in dataset.splits:
        for sample in dataset.samples(split):
            frames[split] += 1
            targets[split] += len(sample.points)
            empty[split] += len(sample.points) == 0
            sizes["×".join(map(str, sample.frame.shape[:2]))] += 1
            areas += [row.area_px for row in target_rows(sample) if row.area_px is not None]
            if split == "train":
                histogram += np.bincount(to_grey(to_8bit(sample.frame)).ravel(), minlength=256)
    statistics = {
        "frames": frames,
        "targets": targets,
        "frames_without_target": empty,
        "sizes": sizes,
        "target_area_px": _spread(areas),
        "train_grey": _moments(histogram),
    }
    text = json.dumps(statistics, indent=2, sort_keys=True, ensure_ascii=False)
    write_text(folder / "statistics.json", text + "\n")


def _spread(areas: list[int]) -> dict[str, float] | None:
    if not areas:
        return None
    figures: dict[str, float] = {
        "min": min(areas),
        "median": float(np.median(areas)),
        "mean": float(np.mean(areas)),
        "max": max(areas),
    }
    return {name: round(float(value), 6) for name, value in figures.items()}


def _moments(histogram: NDArray[np.int64]) -> dict[str, float]:
    levels = np.arange(256) / 255.0
    mean = float(np.average(levels, weights=histogram))
    deviation = float(np.sqrt(np.average((levels - mean) ** 2, weights=histogram)))
    return {"mean": round(mean, 6), "std": round(deviation, 6)}
