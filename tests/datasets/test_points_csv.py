"""The table of points."""

from pathlib import Path

import numpy as np
import pytest

from irstd.datasets.points_csv import Row, read_points, write_points
from irstd.errors import DataError


def test_text_and_back(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    write_points(path, [Row("a", 1.0, 2.123456, 7), Row("NA", 3.5, 4.0)], with_area=True)
    assert path.read_bytes() == b"frame,x,y,area_px\na,1.0000,2.1235,7\nNA,3.5000,4.0000,\n"
    points = read_points(path, ["a", "NA", "empty"])
    np.testing.assert_array_equal(points["a"], [(1.0, 2.1235)])
    np.testing.assert_array_equal(points["NA"], [(3.5, 4.0)])
    assert points["empty"].shape == (0, 2)


def test_no_target_at_all(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    write_points(path, [])
    assert path.read_bytes() == b"frame,x,y\n"
    assert read_points(path, ["a"])["a"].shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no column frame, x, y \(it is empty\)"),
        ("frame;x;y\na;1,5;2,5\n", r"no column .*separated by commas, decimals as 1\.5"),
        ("Frame,X,Y\na,1,2\n", r"no column frame, x, y \(its columns are Frame, X, Y\);.* in small letters"),
        ("frame,x\na,1\n", r"no column y \(its columns are frame, x\); needed are frame, x, y"),
        ('frame,x,y\na,"1,5","2,5"\n', r"line 2: x and y must be finite numbers in px, such as 1\.5"),
        ("frame,x,y\na,1,2\n\na,1,5,2,5\n", r"line 4: has 5 fields, the header 3; .*1\.5, not 1,5"),
        ("frame,x,y\na,1,2\na,left,2\n", "line 3: x and y must be finite numbers"),
        ("frame,x,y\na,1,nan\n", "line 2: x and y must be finite numbers"),
        ("frame,x,y\na,1,inf\n", "line 2: x and y must be finite numbers"),
        ("frame,x,y\nb,1,2\n", "frame 'b' is not in images"),
        ("frame,x,y\na,1,2\na,1,2,3,4\n", "line 3: has 5 fields, the header 3"),
    ],
)
def test_faults(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_points(path, ["a"])
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_value_more_in_every_row_shifts_no_column(tmp_path: Path) -> None:
    """As pandas does, which takes the first column for an index then."""
    path = tmp_path / "points.csv"
    path.write_text("frame,x,y\na,b,7,8\na,b,9,10\n")
    with pytest.raises(DataError, match="line 2: has 4 fields, the header 3"):
        read_points(path, ["a", "b"])


def test_no_text(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is no UTF-8 text"):
        read_points(tmp_path / "points.csv", [])
