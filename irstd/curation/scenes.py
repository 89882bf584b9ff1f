"""Scenes: clips whose backgrounds repeat, so that they must stand on one side of a split. Ours.

A view of a frame is what is left of its background without targets, without each row's mean (sky and horizon are alike
everywhere) and without slow changes. Two clips are of one scene if two of their views correlate above 0.69 at any shift
of up to half the width and a quarter of the height, since cameras turn. Scenes are the connected components.

The limit was chosen by looking at pairs of drone-ir's 60 clips. Of those with the same background by eye the lowest are
HELICOPTER_023 and 042 (0.698) and DRONE_066 and 118; one is missed, AIRPLANE_017 and 021 (0.56: the same clouds over
other ground). Three pairs above the limit are no repeats: AIRPLANE_071 and BIRD_007 with others, HELICOPTER_027 with
BIRD_012. They join three scenes to one, which narrows the choice and leaks nothing. Clips of bare sky share no more
than the sensor's fixed pattern and have at most 0.64.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from irstd.curation.near_duplicates import without_targets
from irstd.datasets.sample import Sample
from irstd.labels.boxes import box_pixels

REPEATS = 0.69
"""Clips are of one scene if views of them correlate more than this."""
SCENES = "scenes.csv"
"""The table of scenes in an imported dataset: scene, clip, split, frames, like, correlation."""

_SIZE = (64, 80)  # height and width of a view
_FINE_PX = 2.0  # standard deviation of the blur whose result is taken off
_EDGE = 64  # one part in so many is cut off each side, where sensors have dead rows
_PADDED = (96, 120)
_SHIFTS = (16, 40)  # most rows and columns
_MOST_A_CLIP, _MOST_VIEWS = 5, 400  # views compared; time grows with the square of the second
_DIGITS = 4

View = NDArray[np.float32]
"""(64, 80), a frame's background without rows' means and slow changes."""


@dataclass(frozen=True)
class Scenes:
    """Clips by scene.

    Attributes:
        of_clip: number of each clip's scene, from 1, in the order of their first clips by name.
        like: of each clip, the other clip that it correlates most with, and how much; none where there is one clip.
    """

    of_clip: Mapping[str, int]
    like: Mapping[str, tuple[str, float]]

    def table(self, clips: Mapping[str, str], splits: Mapping[str, Iterable[str]]) -> pd.DataFrame:
        """Return a row a clip and split, by scene.

        Args:
            clips: clip of each frame.
            splits: frames of each split.
        """
        homes = pd.Series({name: split for split, names in splits.items() for name in names}, dtype=object)
        rows = pd.DataFrame({"clip": pd.Series(clips, dtype=object), "split": homes}).dropna()
        counted = rows.groupby(["clip", "split"]).size().rename("frames").reset_index()
        counted["scene"] = counted["clip"].map(self.of_clip)
        counted["like"] = [self.like.get(clip, ("", 0.0))[0] for clip in counted["clip"]]
        counted["correlation"] = [self.like.get(clip, ("", 0.0))[1] for clip in counted["clip"]]
        order = counted.sort_values(["scene", "clip", "split"], ignore_index=True)
        return order[["scene", "clip", "split", "frames", "like", "correlation"]]


def find_scenes(clips: Mapping[str, Sequence[str]], read: Callable[[str], Sample]) -> Scenes:
    """Find the scenes of `clips`, each the names of its frames in order; `read` returns a frame's sample.

    At most five frames of a clip are looked at, evenly spread, and fewer where there are more than 80 clips.
    """
    names = sorted(clips)
    most = max(min(_MOST_A_CLIP, _MOST_VIEWS // max(len(names), 1)), 1)
    views = [[_Spectrum.of(view_of(read(name))) for name in _spread(clips[clip], most)] for clip in names]
    alike = np.zeros((len(names), len(names)))
    for row, own in enumerate(views):
        for column in range(row):
            alike[row, column] = alike[column, row] = max(a.correlation(b) for a in own for b in views[column])
    alike = np.round(alike, _DIGITS)
    _, labels = connected_components(alike > REPEATS, directed=False)
    first = {label: number for number, label in enumerate(dict.fromkeys(labels.tolist()), start=1)}
    of_clip = {name: first[int(label)] for name, label in zip(names, labels, strict=True)}
    best = alike.argmax(axis=1) if len(names) > 1 else []
    like = {names[row]: (names[column], float(alike[row, column])) for row, column in enumerate(best)}
    return Scenes(of_clip, like)


def view_of(sample: Sample) -> View:
    """Return the view of a frame."""
    size = (sample.frame.shape[0], sample.frame.shape[1])
    mask = sample.mask if sample.boxes is None else box_pixels(size, sample.boxes)
    grey = without_targets(sample.frame, sample.points, mask)
    down, across = size[0] // _EDGE, size[1] // _EDGE
    inner = grey[down : size[0] - down, across : size[1] - across]
    small = cv2.resize(inner, _SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), _FINE_PX)
    return np.asarray(fine - fine.mean(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True)
class _Spectrum:
    """Precomputed sums and transform of a view, to correlate it with others at all allowed shifts, (33, 81).

    Attributes:
        values: the view's Fourier transform, padded with zeros.
        total, scale: sum of the view where it overlaps another that is shifted, and 1 / its spread there.
        total_shifted, scale_shifted: the same where it is the one that is shifted.
    """

    values: NDArray[np.complex128]
    total: NDArray[np.float64]
    scale: NDArray[np.float64]
    total_shifted: NDArray[np.float64]
    scale_shifted: NDArray[np.float64]

    @classmethod
    def of(cls, view: View) -> "_Spectrum":
        levels = view.astype(np.float64)
        values, squares = np.fft.rfft2(levels, _PADDED), np.fft.rfft2(levels**2, _PADDED)
        total, shifted = _slid(values, _ONES), _slid(_ONES, values)
        scales = (_scale(total, _slid(squares, _ONES)), _scale(shifted, _slid(_ONES, squares)))
        return cls(values, total, scales[0], shifted, scales[1])

    def correlation(self, other: "_Spectrum") -> float:
        """Return the highest correlation at any allowed shift, −1 to 1; about 0 for flat views."""
        product = _slid(self.values, other.values) - self.total * other.total_shifted / _OVERLAP
        return float((product * self.scale * other.scale_shifted).max())


def _scale(total: NDArray[np.float64], squares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / np.sqrt(np.maximum(squares - total**2 / _OVERLAP, 1.0)))


def _slid(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the sums of products at all allowed shifts."""
    return np.asarray(np.fft.irfft2(one * np.conj(other), _PADDED)[_ALLOWED])


_ALLOWED = np.ix_(*(np.arange(-most, most + 1) for most in _SHIFTS))
_ONES = np.fft.rfft2(np.ones(_SIZE), _PADDED)
_OVERLAP = np.rint(_slid(_ONES, _ONES))


def _spread(names: Sequence[str], most: int) -> list[str]:
    """Return at most so many of `names`, evenly spread, the middle one of one."""
    count = min(most, len(names))
    return [names[(2 * index + 1) * len(names) // (2 * count)] for index in range(count)]
