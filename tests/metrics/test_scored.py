"""Frames that cannot be scored, by the message."""

from typing import Any

import numpy as np
import pytest

from irstd.errors import ScoreError
from irstd.labels.detections import Detections
from irstd.metrics import ScoredFrame, count_frame
from tests.metrics.scenes import drawn, points

TRUTH = drawn((6, 8), {((2, 2),): 1}) > 0
RESPONSE = drawn((6, 8), {((2, 2),): 0.8})


def with_nan() -> Any:
    response = RESPONSE.copy()
    response[0, 0] = np.nan
    return response


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"response": RESPONSE * 1.5}, r"f7: response must lie in \[0, 1\], got 0 to 1\.2; clip or rescale it"),
        ({"response": RESPONSE - 0.25}, r"f7: response must lie in \[0, 1\], got -0\.25 to 0\.55"),
        ({"response": (TRUTH * 255).astype(np.uint8)}, r"f7: response must lie in \[0, 1\], got 0 to 255"),
        ({"response": with_nan()}, "f7: response holds 1 NaN; every pixel needs a number"),
        ({"response": RESPONSE[:, :5]}, "f7: response is 6×5, its truth 6×8; bring it to the frame's native size"),
        ({"response": RESPONSE[None]}, "f7: response is 1×6×8, its truth 6×8"),
        ({"response": RESPONSE.astype(str)}, "f7: response must be float32, got <U"),
        ({"truth": TRUTH[0]}, r"f7: truth must be \(H, W\) with at least one pixel, got shape \(8,\)"),
        ({"truth": np.zeros((0, 8), dtype=np.bool_)}, r"f7: truth must be .* got shape \(0, 8\)"),
        ({"frame": np.zeros((8, 6), dtype=np.uint8)}, "f7: the frame is 8×6, its truth 6×8; give both at native size"),
        ({"operating": points((2, 2, 0.8))}, "f7: operating detections came without detections"),
        ({"detections": points((2, 2, 1.05))}, r"f7: detection scores must lie in \[0, 1\], got 1\.05 to 1\.05"),
        ({"detections": points((2, 2, np.nan))}, r"f7: detection scores must lie in \[0, 1\], got nan"),
        ({"detections": points((np.nan, 2, 0.5))}, "f7: a detection's point is no number"),
        ({"detections": Detections(np.zeros((2, 3)), np.zeros(2))}, r"f7: detections need points \(n, 2\)"),
        (
            {"detections": points((2, 2, 0.8)), "operating": points((2, 2, 0.3))},
            r"f7: an operating detection scores 0\.3, below the operating threshold 0\.5",
        ),
    ],
)
def test_what_cannot_be_scored_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ScoreError, match=message) as fault:
        count_frame(ScoredFrame(**{"name": "f7", "truth": TRUTH, "response": RESPONSE, **changes}))
    assert "\n" not in str(fault.value)


def test_a_frame_without_a_name_says_so() -> None:
    with pytest.raises(ScoreError, match="unnamed frame: response"):
        count_frame(ScoredFrame("", TRUTH, RESPONSE * 2))


def test_any_nonzero_mask_pixel_is_target_and_float64_is_rounded() -> None:
    whole = count_frame(ScoredFrame("a", TRUTH, RESPONSE)).counts
    mask: Any = TRUTH.astype(np.uint8) * 3
    response: Any = RESPONSE.astype(np.float64)
    assert count_frame(ScoredFrame("a", mask, response)).counts == whole


def test_an_operating_detection_exactly_at_the_threshold_is_one() -> None:
    at = points((2, 2, 0.35))
    given = ScoredFrame("a", TRUTH, RESPONSE, detections=at, operating=at)
    assert count_frame(given, 0.35).counts.target_tp[-1, -1] == 1
