"""Draw docs/detections.png, the README's picture: the demo's champion on one test frame of each kind of scene.

python docs/picture.py          # after `make demo`, from the project's folder
"""

from pathlib import Path

import cv2
import numpy as np

import irstd
from irstd.datasets.canonical import CanonicalDataset
from irstd.frames import write_png
from irstd.frames.overlay import Picture, draw_overlay
from irstd.metrics.judging import judge

_SCENES = ("sea", "cloud", "buildings")
_GAP_PX, _HEIGHT_PX = 12, 440


def main() -> None:
    """Draw the first test frame of each scene that holds a target."""
    detector = irstd.load("outputs/demo/bundles/spire-plus")
    dataset = CanonicalDataset.open(Path("data/raw/demo"))
    pictures = []
    for scene in _SCENES:
        samples = (dataset.sample(name) for name in dataset.splits["test"] if scene in name)
        sample = next(each for each in samples if len(each.points) > 0)
        found = detector(sample.frame)
        pictures.append(draw_overlay(sample.frame, found, judge(found, sample.points), scene))
    gap = np.full((_HEIGHT_PX, _GAP_PX, 3), 255, dtype=np.uint8)
    first, *others = (_as_high(picture) for picture in pictures)
    strip = np.hstack([first, *(part for picture in others for part in (gap, picture))])
    write_png(Path("docs/detections.png"), np.asarray(strip, dtype=np.uint8))


def _as_high(picture: Picture) -> Picture:
    """Scale a picture to the height of the strip."""
    width = round(picture.shape[1] * _HEIGHT_PX / picture.shape[0])
    return np.asarray(cv2.resize(picture, (width, _HEIGHT_PX), interpolation=cv2.INTER_AREA), dtype=np.uint8)


if __name__ == "__main__":
    main()
