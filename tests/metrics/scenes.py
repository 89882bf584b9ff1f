"""Small frames for the tests of the score."""

import cv2
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from irstd.labels.detections import Detections
from irstd.metrics import HSE, Score, ScoredFrame

Cells = tuple[tuple[int, int], ...]


def drawn(size: tuple[int, int], cells: dict[Cells, float]) -> NDArray[np.float32]:
    """float32 `size`, zero but for the (row, column) cells given with their values."""
    image = np.zeros(size, dtype=np.float32)
    for places, value in cells.items():
        for place in places:
            image[place] = value
    return image


def square(row: int, column: int, side: int = 3) -> Cells:
    """The cells of a square with its first cell at (row, column)."""
    return tuple((row + i, column + j) for i in range(side) for j in range(side))


def points(*found: tuple[float, float, float]) -> Detections:
    """Detections of (x, y, score)."""
    table = np.array(found, dtype=np.float64).reshape(-1, 3)
    return Detections(points=table[:, :2], scores=table[:, 2])


def scored(*frames: ScoredFrame, threshold: float = 0.5) -> Score:
    """The score of `frames`."""
    holder = HSE(threshold)
    for frame in frames:
        holder.add(frame)
    return holder.compute()


def blurred(truth: NDArray[np.bool_], seed: int, noise: float = 0.0) -> NDArray[np.float32]:
    """A response to `truth`: blurred, with three false blobs and noise of that standard deviation."""
    random = np.random.default_rng(seed)
    lit = truth.astype(np.float32)
    for row, column in random.integers(0, truth.shape, (3, 2)).tolist():
        lit[row : row + 3, column : column + 3] = random.uniform(0.5, 1.0)
    soft = cv2.GaussianBlur(lit, (0, 0), 1.0) + random.normal(0, noise, truth.shape)
    return np.clip(soft, 0, 1).astype(np.float32)


def sprinkled(seed: int, size: tuple[int, int] = (64, 80)) -> NDArray[np.bool_]:
    """A truth with up to four small targets, sometimes none, sometimes close together."""
    random = np.random.default_rng(seed)
    truth = np.zeros(size, dtype=np.bool_)
    for row, column in random.integers(0, size, (int(random.integers(5)), 2)).tolist():
        height, width = random.integers(1, 6, 2).tolist()
        truth[row : row + height, column : column + width] = True
    return truth


# Values at thresholds, a hair below them, and between them.
_LEVELS = sorted(
    {0.0, 1.0, *(k / 10 for k in range(1, 10)), *(k / 255 for k in range(1, 256, 23)), 0.05, 0.55, 0.123, 0.999}
)
VALUES = [np.float32(v) for v in _LEVELS] + [np.nextafter(np.float32(v), np.float32(0)) for v in _LEVELS if v > 0]


@st.composite
def tiny_frames(draw: st.DrawFn, most: int = 3) -> list[ScoredFrame]:
    """One to `most` frames of up to 7×7 px, sparse truth and responses full of exact thresholds."""
    frames = []
    for i in range(draw(st.integers(1, most))):
        height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
        cells = st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))
        truth = np.zeros((height, width), dtype=np.bool_)
        for cell in draw(st.lists(cells, max_size=8)):
            truth[cell] = True
        response = np.zeros((height, width), dtype=np.float32)
        for cell in draw(st.lists(cells, max_size=10)):
            response[cell] = draw(st.sampled_from(VALUES))
        frames.append(ScoredFrame(name=f"f{i}", truth=truth, response=response))
    return frames
