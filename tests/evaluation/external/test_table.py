from pathlib import Path

import pytest

from irstd.errors import DataError, ScoreError
from irstd.evaluation.external.table import read_table
from tests.evaluation.external.build import write_table


def test_rows_by_frame_strongest_first(tmp_path: Path) -> None:
    rows = ["b.png,1,2,0.5", "a.png,3,4.25,0.25", "", "b.png, 5 ,6,1", "b.png,7,8,0.5"]
    table = read_table(write_table(tmp_path / "d.csv", *rows))
    assert list(table) == ["b.png", "a.png"]
    assert table["b.png"].found.points.tolist() == [[5, 6], [1, 2], [7, 8]]
    assert table["b.png"].found.scores.tolist() == [1, 0.5, 0.5]
    assert table["b.png"].lines.tolist() == [5, 2, 6]
    assert table["a.png"].found.points.tolist() == [[3, 4.25]]


def test_other_columns_in_any_order(tmp_path: Path) -> None:
    path = write_table(tmp_path / "d.csv", '0.5,"x, y",1,2,007', header="\ufeffscore, note ,y, x,frame")
    table = read_table(path)
    assert table["007"].found.points.tolist() == [[2, 1]]


def test_a_header_alone_is_no_detection(tmp_path: Path) -> None:
    assert read_table(write_table(tmp_path / "d.csv")) == {}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("frame,x,y", r"no column score \(its columns are frame, x, y\); needed are frame, x, y, score"),
        ("name,x,y,confidence", "no column frame, score"),
        ("frame;x;y;score", r"no column frame, x, y, score \(its columns are frame;x;y;score\)"),
        ("", r"no column frame, x, y, score \(it is empty\)"),
    ],
)
def test_tables_that_lack_a_column(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"d\.csv: {message}"):
        read_table(write_table(tmp_path / "d.csv", header=header))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,1,2,1.05", r"score must be a number in \[0, 1\], got '1\.05'"),
        ("a,1,2,-0.1", r"score must be a number in \[0, 1\], got '-0\.1'"),
        ("a,1,2,", r"score must be a number in \[0, 1\], got ''"),
        ("a,1,2,nan", r"score must be a number in \[0, 1\], got 'nan'"),
        ("a,one,2,0.5", "x must be a finite number of px, got 'one'"),
        ("a,1,inf,0.5", "y must be a finite number of px, got 'inf'"),
        (",1,2,0.5", "frame must be the name of a frame, got ''"),
        ("a,1,5,2,0.5", "has 5 fields, the header 4; correct that line"),
        ("a,1,2", "has 3 fields, the header 4"),
    ],
)
def test_a_faulty_row_is_named_by_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = write_table(tmp_path / "d.csv", "a,1,2,0.5", "", row, "a,nan,nan,7")
    with pytest.raises((DataError, ScoreError), match=rf"d\.csv: line 4: {message}") as fault:
        read_table(path)
    assert "\n" not in str(fault.value)


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"d\.csv: is no UTF-8 text"):
        read_table(tmp_path / "d.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path / "absent.csv")


def test_points_off_the_frame(tmp_path: Path) -> None:
    table = read_table(write_table(tmp_path / "d.csv", "a,-5.5,25.5,0.1", "b,3,4,0.1", "b,1,26,0.2", "b,31,4,0.9"))
    table["a"].check_inside((21, 26), "d.csv")  # 5 px off the border is near enough to be matched
    with pytest.raises(ScoreError, match=r"d\.csv: line 4: \(1, 26\) lies far outside the frame's 26×21 px; x and y"):
        table["b"].check_inside((21, 26), "d.csv")
