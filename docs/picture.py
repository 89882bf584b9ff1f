"""Draw docs/detections.png, the README's picture: the demo's champion on one test frame of each kind of scene.

python docs/picture.py          # after `make demo`, from the project's folder
"""

from pathlib import Path

import numpy as np

import irstd
from irstd.datasets.canonical import CanonicalDataset
from irstd.frames import write_png
from irstd.frames.overlay import draw_overlay

_SCENES = ("sea", "cloud", "buildings")
_GAP_PX = 12


def main() -> None:
    """Draw the first test frame of each scene that holds a target."""
    detector = irstd.load("outputs/demo/bundles/spire")
    dataset = CanonicalDataset.open(Path("data/raw/demo"))
    pictures = []
    for scene in _SCENES:
        samples = (dataset.sample(name) for name in dataset.splits["test"] if scene in name)
        sample = next(each for each in samples if len(each.points) > 0)
        pictures.append(draw_overlay(sample.frame, detector(sample.frame), sample.points))
    gap = np.full((pictures[0].shape[0], _GAP_PX, 3), 255, dtype=np.uint8)
    write_png(Path("docs/detections.png"), np.hstack([pictures[0], gap, pictures[1], gap, pictures[2]]))


if __name__ == "__main__":
    main()
