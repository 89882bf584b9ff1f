"""The picture of a drift: same figures, same bytes, one panel a statistic."""

import cv2
import numpy as np
import pytest

from irstd.drift.compare import detect_drift
from irstd.drift.figures import measure_frames
from irstd.drift.picture import draw_drift, picture_size
from irstd.report.style import picture
from irstd.settings.drift import DriftRule
from tests.drift.test_compare import KNOWN, brightest, scene


@pytest.mark.parametrize("count", [3, 30])
def test_it_is_drawn_the_same_every_time(count: int) -> None:
    rule = DriftRule(splits=200)
    new = measure_frames([scene(2000 + i, noise=3.0) for i in range(count)], brightest)
    drift = detect_drift(KNOWN.values, new, rule, 7)
    one, two = (
        picture(picture_size(drift), lambda figure: draw_drift(figure, drift, (KNOWN.values, new), rule)) for _ in "ab"
    )
    assert one == two
    shown = cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[1] == 1200
