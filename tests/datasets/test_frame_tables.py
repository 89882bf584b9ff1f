"""Boxes and clips beside the points."""

from pathlib import Path

import numpy as np
import pytest

from irstd.datasets.frame_tables import (
    Moment,
    read_boxes,
    read_sequences,
    write_boxes,
    write_sequences,
)
from irstd.errors import DataError


def test_boxes_come_back(tmp_path: Path) -> None:
    boxes = {"a": np.array([[3.0, 4.5, 2.0, 7.0], [0.0, 0.0, 1.0, 1.0]]), "b": np.zeros((0, 4))}
    write_boxes(tmp_path / "boxes.csv", boxes)
    read = read_boxes(tmp_path / "boxes.csv", ["a", "b"])
    assert {name: own.tolist() for name, own in read.items()} == {name: own.tolist() for name, own in boxes.items()}


def test_moments_come_back(tmp_path: Path) -> None:
    moments = {"a": Moment("day", 0), "c": Moment("night", 12)}
    write_sequences(tmp_path / "sequences.csv", moments)
    assert read_sequences(tmp_path / "sequences.csv", ["a", "b", "c"]) == moments


@pytest.mark.parametrize("row", ["a,1,2,0,4", "a,1,2,x,4", "a,nan,2,3,4", "b,1,2,3,4"])
def test_a_faulty_box_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "boxes.csv").write_text(f"frame,x,y,width,height\na,1,2,3,4\n{row}\n")
    with pytest.raises(DataError, match=r"line 3|frame 'b'"):
        read_boxes(tmp_path / "boxes.csv", ["a"])


@pytest.mark.parametrize("row", ["a,day,-1", "a,day,1.5", "a,day,x", "a,,1", "c,day,1", "b,day,1"])
def test_a_faulty_moment_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "sequences.csv").write_text(f"frame,clip,index\nb,day,0\n{row}\n")
    with pytest.raises(DataError, match=r"line 3|frame '[bc]'"):
        read_sequences(tmp_path / "sequences.csv", ["a", "b"])
