"""From the raw output of a network to detections. It needs no torch, so that exported graphs are decoded by it too."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from irstd.frames import Placement
from irstd.labels.centres import decode_centres
from irstd.labels.components import detections_from_response
from irstd.labels.decode import Centre, decode_points
from irstd.labels.detections import Detections
from irstd.models.rules import Rules
from irstd.settings.bounds import Bounds, Section

Planes = NDArray[np.float32]

_OFFSETS = 2  # planes of the (x, y) offset of a centre, behind that of the centre


@dataclass(frozen=True)
class Decoding(Section):
    """Rule from a network's output (planes, h, w) to detections.

    Attributes:
        kind: `peaks` of a map (`irstd.labels.decode`), `centres` with offsets in the last three planes
            (`irstd.labels.centres`), or `components` of a response (`irstd.labels.components`).
        planes: planes of the output.
        stride: input px an output cell.
        reach: px beyond which nothing decides the output at a place, so that tiles give it too; None: the whole frame
            may.
        sigmoid: scores are the sigmoid of the output.
        centre: how one of the `peaks` gets its place between cells.
    """

    kind: Literal["peaks", "centres", "components"]
    planes: Annotated[int, Bounds(least=1, most=64)]
    stride: Annotated[int, Bounds(least=1, most=64)]
    reach: Annotated[int, Bounds(least=0, most=4096)] | None
    sigmoid: bool
    centre: Centre = "quarter"

    def _relations(self) -> dict[str, bool | str]:
        fits = self.planes > _OFFSETS if self.kind == "centres" else self.planes == 1
        whole = self.kind != "components" or self.stride == 1
        return {"planes": fits or f"must fit {self.kind}", "stride": whole or "must be 1 for components"}

    def detections(self, raw: Planes, placement: Placement, rules: Rules) -> Detections:
        """Return the detections in frame px, strongest first.

        Raises:
            ScoreError: the output holds NaN.
        """
        decode = {"peaks": self._peaks, "centres": self._centres, "components": self._components}[self.kind]
        return decode(raw, placement, rules)

    def _scores(self, plane: Planes) -> Planes:
        return sigmoid(plane) if self.sigmoid else plane

    def _peaks(self, raw: Planes, placement: Placement, rules: Rules) -> Detections:
        """Decode peaks, without those in the zero padding, more than half a cell off the frame [ours]."""
        scores = self._scores(raw[0])
        cells = decode_points(scores, rules.threshold, rules.value_range, rules.most, self.centre)
        points = cells.points * self.stride
        near = np.array(placement.offset) - self.stride / 2
        far = np.array(placement.size[::-1]) - 1 - near
        far = np.where(np.array(placement.frame[::-1]) > 1, far, near + self.stride)  # one pixel is a point
        on_frame = ((points >= near) & (points <= far)).all(axis=1)
        return Detections(placement.to_frame(points[on_frame]), cells.scores[on_frame])

    def _centres(self, raw: Planes, placement: Placement, rules: Rules) -> Detections:
        """Decode centres; cells that begin beyond the frame are left out."""
        height, width = placement.frame
        cells = raw[-1 - _OFFSETS :, : -(-height // self.stride), : -(-width // self.stride)]
        found = decode_centres(self._scores(cells[0]), cells[1:], rules.threshold, rules.value_range, rules.most)
        points = found.points * self.stride + (self.stride - 1) / 2
        return Detections(np.clip(points, 0.0, (width - 1.0, height - 1.0)), found.scores)

    def _components(self, raw: Planes, placement: Placement, rules: Rules) -> Detections:
        """Decode the components of the response on the frame, from the threshold up."""
        height, width = placement.frame
        response = self._scores(raw[0, :height, :width])
        found = detections_from_response(response, rules.threshold, rules.value_range, rules.most)
        return Detections(placement.to_frame(found.points), found.scores)


def sigmoid(raw: Planes) -> Planes:
    """Return float32 in [0, 1] for any logits; an overflow of e^x gives a correct 0."""
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-raw, dtype=np.float32)), dtype=np.float32)
