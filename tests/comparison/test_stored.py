import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from irstd.comparison.stored import read_counts, write_counts
from irstd.comparison.stored_ranks import rank_fields
from irstd.errors import DataError, ScoreError
from irstd.metrics import FrameCounts, ScoredFrame, count_frame, pooled, score_of
from irstd.metrics.counts import SHAPES
from tests.metrics.scenes import drawn, points, square, tiny_frames

in_one_folder = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def counted(name: str = "a", threshold: float = 0.35) -> FrameCounts:
    """A frame with a hit, a false alarm, a miss and grey levels."""
    truth = drawn((40, 50), {square(5, 5): 1, square(25, 30, 4): 1}) > 0
    response = drawn((40, 50), {square(5, 6): 0.7, square(33, 8, 2): 0.41})
    frame = (truth * 90 + np.arange(50) % 3).astype(np.uint8)
    found = points((7.0, 6.0, 0.7), (8.5, 33.5, 0.4))
    return count_frame(ScoredFrame(name, truth, response, detections=found, frame=frame), threshold)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts.parquet"


@in_one_folder
@given(frames=tiny_frames(), threshold=st.sampled_from([0.05, 0.1, 1 / 3, 0.5, 1.0]))
def test_what_is_read_is_what_was_written(path: Path, frames: list[ScoredFrame], threshold: float) -> None:
    splits = {"val": [counted()], "test": [count_frame(frame, threshold) for frame in frames]}
    write_counts(path, splits)
    read = read_counts(path)
    assert list(read) == ["val", "test"]
    assert read == splits
    for split, own in splits.items():
        before, after = (
            score_of(pooled((frame.counts for frame in part), own[0].counts.threshold)) for part in (own, read[split])
        )
        assert repr(after) == repr(before)  # to the last bit, and of the same types


def test_rows_are_complete(path: Path) -> None:
    blank = count_frame(ScoredFrame("blank", np.zeros((3, 3), dtype=np.bool_), np.zeros((3, 3), dtype=np.float32)))
    write_counts(path, {"test": [blank], "val": [counted()]})
    read = read_counts(path)
    assert [read["test"][0].row(), read["val"][0].row()] == [blank.row(), counted().row()]
    assert (read["test"][0].highest_false_score, read["val"][0].highest_false_score) == (None, 0.4)


def test_the_same_counts_give_the_same_bytes(path: Path) -> None:
    write_counts(path, {"test": [counted("a"), counted("b")]})
    first = path.read_bytes()
    write_counts(path, {"test": [counted("a"), counted("b")]})
    assert path.read_bytes() == first
    write_counts(path, {"test": [counted("b"), counted("a")]})
    assert path.read_bytes() != first


def test_it_is_a_table_for_anyone(path: Path) -> None:
    write_counts(path, {"val": [counted("a")], "test": [counted("ä/b")]})
    table = pd.read_parquet(path)
    ranks = [field.name for field in rank_fields()]
    assert list(table.columns) == ["split", "name", "threshold", "highest_false_score", *SHAPES, *ranks]
    assert table["name"].tolist() == ["a", "ä/b"]
    assert table["targets"].tolist() == [2, 2]
    assert table["pixel_tp"][1].tolist() == counted().counts.pixel_tp.tolist()


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "test: its counts cannot be stored: there is no frame; score at least one"),
        ([counted(), counted()], "the frame name 'a' is there twice; give each frame its own"),
        ([counted("a"), counted("b", 0.5)], r"operating thresholds from 0\.35 to 0\.5; score all at one"),
        ([counted("a\udce4")], r"the frame name 'a\\udce4' is no UTF-8; rename the frame"),
    ],
)
def test_what_cannot_be_stored(path: Path, frames: list[FrameCounts], message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        write_counts(path, {"test": frames})
    assert not path.exists()


def test_a_place_that_cannot_be_written_to(path: Path) -> None:
    with pytest.raises(DataError, match=r"absent/counts\.parquet: cannot be written"):
        write_counts(path.parent / "absent" / path.name, {"test": [counted()]})
    path.mkdir()
    with pytest.raises(DataError, match=r"counts\.parquet: cannot be written"):
        write_counts(path, {"test": [counted()]})
    assert list(path.parent.iterdir()) == [path]  # nothing half written beside it


def test_no_damage_goes_unseen(path: Path) -> None:
    splits = {"val": [counted()], "test": [counted("a"), counted("b")]}
    write_counts(path, splits)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    seen = 0
    for place in rng.choice(len(whole), 150, replace=False).tolist():
        hurt = bytearray(whole)
        hurt[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(hurt)
        try:
            assert read_counts(path) == splits  # a bit that nothing is read from
        except DataError as fault:
            seen += 1
            assert "\n" not in str(fault)
            assert str(fault).startswith(f"{path}: ")
    assert seen > 75


@pytest.mark.parametrize("kept", [0, 3, 200, -1])
def test_a_file_that_was_cut(path: Path, kept: int) -> None:
    write_counts(path, {"test": [counted()]})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=r"damaged, or no file of counts \(.*\); evaluate again"):
        read_counts(path)


def test_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read \(No such file.*\); give the counts.parquet of an evaluation"):
        read_counts(path)


def test_a_table_of_something_else(path: Path) -> None:
    pd.DataFrame({"name": ["a"], "targets": [1]}).to_parquet(path)
    with pytest.raises(DataError, match=r"a table of something else; give the counts.parquet of an evaluation"):
        read_counts(path)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (b"irstd.counts", b"3", "holds counts of hse-1 in layout 3, this irstd reads hse-1 up to layout 2"),
        (b"irstd.definition", b"hse-9", "holds counts of hse-9 in layout 2, this irstd reads hse-1 up to layout 2"),
    ],
)
def test_a_newer_file(path: Path, key: bytes, value: bytes, told: str) -> None:
    write_counts(path, {"test": [counted()]})
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, key: value}).drop_columns("found"), path)
    with pytest.raises(DataError, match=f"{told}; evaluate again, or use the irstd that wrote it"):
        read_counts(path)


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("targets", [-1], "targets is missing or negative"),
        ("pixels", [None], "pixels|column"),
        ("name", [None], "name|column"),
        ("threshold", [0.0], r"the operating threshold must lie in \(0, 1\], got 0"),
        ("threshold", [math.nan], r"the operating threshold must lie in \(0, 1\], got nan"),
        ("size_targets", [[1, 2, 3, 4]], "its columns are not those of counts"),
        ("frames", [1.0], "its columns are not those of counts"),
        ("lowest", [None], "row 1 has a part of its ranks only"),
        ("lowest", [1.5], "or a response outside"),
        ("ranked_pixels_levels", [[1.0]], "the ranks of its pixels are no counts at falling levels"),
        ("ranked_targets_levels", [[0.1, 0.2]], "the ranks of its targets are no counts at falling levels"),
        ("ranked_targets_changes", [[-1] * 12], "the ranks of its targets are negative"),
    ],
)
def test_values_that_no_count_has(path: Path, column: str, values: list[object], told: str) -> None:
    write_counts(path, {"test": [counted()]})
    table = pq.read_table(path)
    place = table.schema.get_field_index(column)
    kind = None if told.startswith("its columns") else table.schema.field(place).type
    nullable = None in values or table.schema.field(place).nullable
    field = pa.field(column, kind or pa.array(values).type, nullable)
    pq.write_table(table.set_column(place, field, pa.array(values, field.type)), path)
    with pytest.raises(DataError, match=rf"damaged, or no file of counts \(.*({told}).*\); evaluate again"):
        read_counts(path)


def test_the_layout_before_hse_2_is_read_and_carries_hse_1_only(path: Path) -> None:
    write_counts(path, {"test": [counted()]})
    table = pq.read_table(path).drop_columns([field.name for field in rank_fields()])
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"irstd.counts": b"1"}), path)
    (frame,) = read_counts(path)["test"]
    assert frame.counts == replace(counted().counts, ranked=None)
    score = score_of(frame.counts)
    assert (score.hse, score.hse_2) == (score_of(counted().counts).hse, None)
    write_counts(path, {"test": [frame]})  # stored again, it still has none
    assert read_counts(path)["test"] == [frame]


def test_a_frame_that_is_there_twice(path: Path) -> None:
    write_counts(path, {"test": [counted()]})
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table]), path)
    with pytest.raises(DataError, match="test: the frame name 'a' is there twice"):
        read_counts(path)


def test_what_was_read_can_be_replaced_but_not_changed(path: Path) -> None:
    write_counts(path, {"test": [counted()]})
    (frame,) = read_counts(path)["test"]
    with pytest.raises(ValueError, match="read-only"):
        frame.counts.pixel_tp[0] = 7
    assert replace(frame, name="b").counts == counted().counts
