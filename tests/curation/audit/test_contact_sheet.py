"""The audit as a picture."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from irstd.curation.audit.audit import check_dataset
from irstd.curation.audit.contact_sheet import draw_contact_sheet, flagged_frames
from irstd.curation.audit.histograms import AREA, CONTRAST, draw_bars, histograms
from irstd.curation.sheet import WIDTH_PX, evenly
from tests.curation.audit.build import sound
from tests.curation.audit.faults import FAULTS
from tests.curation.audit.test_duplicates import liken


def texts(folder: Path, most: int) -> dict[str, list[str]]:
    return {name: [line.text for line in lines] for name, lines in flagged_frames(check_dataset(folder), most).items()}


def test_frames_with_findings_are_shown_with_what_was_found(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    for name in ("unreadable frame", "mask without frame", "empty masks", "soft mask"):
        FAULTS[name].make(folder)
    assert texts(folder, 12) == {"b": ["unreadable-frame", "empty-mask"], "c": ["soft-mask"], "e": ["empty-mask"]}


def test_near_duplicates_stand_side_by_side(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    liken(folder, "e", to="a", seed=8)
    FAULTS["soft mask"].make(folder)
    assert texts(folder, 12) == {"c": ["soft-mask"], "e": ["nearly a (train)"], "a": ["nearly e (test)"]}


def test_with_little_room_every_finding_is_shown_before_a_second_frame_of_one(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    for name in ("empty masks", "unequal channels"):
        FAULTS[name].make(folder)
    assert list(texts(folder, 2)) == ["d", "b"]
    assert list(texts(folder, 4)) == ["d", "e", "b"]


def test_frames_are_spread_over_a_split() -> None:
    names = [str(number) for number in range(101)]
    assert evenly(names, 6) == ["0", "20", "40", "60", "80", "100"]
    assert evenly(names[:3], 6) == ["0", "1", "2"]
    assert evenly(names[:1], 6) == ["0"]


def circles(sheet: NDArray[np.uint8]) -> int:
    """Count the pixels with the colour of the circles."""
    return int((np.abs(sheet.astype(int) - (255, 200, 0)).max(axis=2) < 30).sum())


def test_targets_are_circled(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set", with_points=True, with_masks=False)
    with_targets = draw_contact_sheet(check_dataset(folder))
    assert with_targets.shape[1] == WIDTH_PX + 48
    assert circles(with_targets) > 6 * 25
    (folder / "points.csv").write_text("frame,x,y\n")
    assert circles(draw_contact_sheet(check_dataset(folder))) == 0


@pytest.mark.parametrize("name", ["unreadable frame", "no labels", "missing split", "sizes that differ", "stray files"])
def test_it_is_drawn_whatever_is_wrong(tmp_path: Path, name: str) -> None:
    folder = sound(tmp_path / "set")
    FAULTS[name].make(folder)
    sheet = draw_contact_sheet(check_dataset(folder))
    for margin in (sheet[:24], sheet[-24:], sheet[:, :24], sheet[:, -24:]):
        np.testing.assert_array_equal(margin, 255)


def test_bins_hold_their_upper_limit_and_the_classes_limits() -> None:
    assert AREA.labels() == ["up to 4", "5-9", "10-20", "21-40", "41-81", "82-160", "over 160"]
    assert AREA.shares(np.array([4.0, 5, 9, 81, 82])).tolist() == [20, 40, 0, 0, 20, 20, 0]
    assert CONTRAST.labels()[2:4] == ["2-4", "4-8"]
    assert CONTRAST.shares(np.array([np.nan, np.inf, 4, 4.01, 8])).tolist() == [0, 0, 25, 50, 0, 0, 25]
    assert AREA.shares(np.zeros(0)).sum() == 0


def test_bars_are_as_high_as_their_shares() -> None:
    axes = Figure().subplots()
    draw_bars(axes, AREA, {"train": np.array([3.0, 3, 3, 50]), "val": np.array([50.0]), "test": np.zeros(0)})
    heights = [bar.get_height() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert heights == [75, 0, 0, 0, 25, 0, 0, *[0, 0, 0, 0, 100, 0, 0], *[0] * 7]


def test_two_charts_are_as_wide_as_a_grid() -> None:
    areas = {"train": np.array([3.0, 50])}
    chart = histograms(areas, {"train": np.zeros(0)})
    assert chart.dtype == np.uint8
    assert chart.shape[1:] == (WIDTH_PX, 3)
    left, right = np.hsplit(chart, 2)
    blue = (0, 114, 178)
    assert (left == blue).all(axis=2).sum() > 500 > (right == blue).all(axis=2).sum()
    np.testing.assert_array_equal(chart, histograms(areas, {"train": np.zeros(0)}))
