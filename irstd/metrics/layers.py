"""The components of a response at several confidences, labelled together.

The pixels that reach a confidence are a layer; equal layers are one. Only lit pixels are read, as runs of a row. All
layers are stacked in one plane, so that one pass labels them all. This is fast because frames are dark almost
everywhere; a layer that is not is labelled by OpenCV.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from irstd.labels.reaching import reaches

# A layer is sparse up to one lit pixel in so many; beyond, labelling the whole frame is faster.
_SPARSE = 64


@dataclass(frozen=True)
class Found:
    """Found targets, layer by layer. Confidences that find the same targets share a layer.

    Attributes:
        points: float64 (m, 2) of (x, y) px.
        areas: int64 (m,) of px.
        scores: float64 (m,) in [0, 1]; of a component the largest response inside.
        layers: int64 (m,) the layer of each, ascending; within one, components stand in raster order.
        places: int64 (q,) the layer of each confidence.
    """

    points: NDArray[np.float64]
    areas: NDArray[np.int64]
    scores: NDArray[np.float64]
    layers: NDArray[np.int64]
    places: NDArray[np.int64]

    def sums(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 (q,): the sum of `values` (m,), one a target, at each confidence."""
        totals = np.bincount(self.layers, weights=values, minlength=int(self.places.max()) + 1)
        return totals.astype(np.int64)[self.places]


def found_in_response(response: NDArray[np.float32], confidences: NDArray[np.float32]) -> Found:
    """Return the 8-connected components of the pixels (H, W) that reach each of `confidences` (q,), in any order."""
    values = response.ravel()
    lit = np.flatnonzero(reaches(values, confidences.min()))
    above = reaches(values[lit], confidences[:, None])
    # Pixels that reach one confidence also reach every lower one, so equally many pixels are the same pixels.
    sizes, first, places = np.unique(np.count_nonzero(above, axis=1), return_index=True, return_inverse=True)
    above = above[first]
    sparse = int(np.count_nonzero(sizes * _SPARSE <= response.size))
    labelled = [_label(response, lit, above[:sparse], 0)]
    labelled += [_label(response, lit, above[layer, None], layer) for layer in range(sparse, len(sizes))]
    points, areas, peaks, layers = (np.concatenate(each) for each in zip(*labelled, strict=True))
    return Found(points=points, areas=areas, scores=peaks, layers=layers, places=places)


def _label(
    response: NDArray[np.float32], lit: NDArray[np.intp], above: NDArray[np.bool_], start: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Points, areas, peaks and layers of the components of layers, `above` being (layers, lit); `start`: the first."""
    height, width = response.shape
    rows, columns = np.divmod(lit, width)
    # An empty column between rows and an empty row between layers, so that nothing touches across an edge.
    row_px, layer_px = width + 1, (height + 1) * (width + 1)
    layer, pixel = np.nonzero(above)
    key = (rows * row_px + columns)[pixel] + layer * layer_px
    begin = np.flatnonzero(np.diff(key, prepend=-2) != 1)
    lengths = np.diff(begin, append=len(key))
    if len(key) * _SPARSE <= response.size * len(above):
        count, owner = _join(key[begin], key[begin] + lengths - 1, row_px)
    else:
        count, owner = _join_in_frame(lit[pixel], begin, response.shape)
    areas = np.bincount(owner, weights=lengths, minlength=count)
    row, column = rows[pixel[begin]], columns[pixel[begin]]
    across = lengths * column + lengths * (lengths - 1) // 2
    sums = [np.bincount(owner, weights=each, minlength=count) for each in (across, lengths * row)]
    peaks, layers = np.zeros(count), np.zeros(count, dtype=np.int64)
    if len(begin):
        np.maximum.at(peaks, owner, np.maximum.reduceat(response.ravel()[lit[pixel]], begin).astype(np.float64))
    layers[owner] = layer[begin] + start
    return np.stack(sums, axis=1) / areas[:, None], areas.astype(np.int64), peaks, layers


def _join(first: NDArray[np.intp], last: NDArray[np.intp], row_px: int) -> tuple[int, NDArray[np.intp]]:
    """Return the number of components that runs from `first` to `last` key form, and the component (r,) of each run."""
    low = np.searchsorted(last, first + row_px - 1)
    high = np.searchsorted(first, last + row_px + 1, side="right")
    ends = np.concatenate([[0], np.cumsum(high - low)])
    below = np.arange(ends[-1]) + np.repeat(low - ends[:-1], high - low)
    touching = csr_array((np.ones(len(below), dtype=np.int8), below, ends), shape=(len(first), len(first)))
    # SciPy numbers components by their first node: in raster order, layer after layer.
    count, owner = connected_components(touching, directed=False)
    return int(count), owner.astype(np.intp)


def _join_in_frame(
    pixels: NDArray[np.intp], begin: NDArray[np.intp], shape: tuple[int, ...]
) -> tuple[int, NDArray[np.intp]]:
    """Return the same for one layer, given the flat indices of its pixels and the place where each run begins."""
    mask = np.zeros(shape, dtype=np.uint8)
    mask.ravel()[pixels] = 1
    count, labels = cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_32S)
    own = labels.ravel()[pixels[begin]] - 1
    # OpenCV numbers components by blocks of pixels; number them by their first run instead.
    first = np.empty(count - 1, dtype=np.intp)
    first[own[::-1]] = np.arange(len(own))[::-1]
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(count - 1)
    return count - 1, rank[own]
