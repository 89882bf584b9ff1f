"""Predictions that do not fit their truth: refused by name, or scored with a note."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irstd.errors import DataError, ScoreError
from irstd.evaluation.external import open_truth, score_detections, score_responses
from irstd.files.reading import write_array
from irstd.frames import write_png
from tests.evaluation.external.build import (
    mask_of,
    picture_of,
    write_dataset,
    write_responses,
    write_table,
    write_truth,
)


def test_predictions_beyond_the_split_are_told_and_not_read(tmp_path: Path) -> None:
    truth = open_truth(write_dataset(tmp_path / "set"))
    folder = write_responses(tmp_path / "r", "cd")
    for name in "ab":
        (folder / f"{name}.npy").write_text("unreadable")
    outcome = score_responses(folder, truth)
    assert (outcome.holder.compute().hse, outcome.holder.compute().frames) == (100.0, 2)
    assert outcome.notes == (f"frames with predictions outside {truth.where}, not scored: 2",)
    told = score_detections(write_table(tmp_path / "d.csv", "a,6,6,0.1", "d,6,6,1", "d,18,12,1"), truth)
    assert told.holder.compute().hse == 100.0
    assert told.notes == (f"frames with predictions outside {truth.where}, not scored: 1",)


def test_frames_without_a_response(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    folder = write_responses(tmp_path / "r", "a")
    with pytest.raises(
        ScoreError, match=r"r: no response for frame 'b' \(2 of 3 missing of .*truth\); looked for \.png"
    ):
        score_responses(folder, truth)
    write_array(folder / "q.npy", np.zeros((2, 2)))
    with pytest.raises(ScoreError, match=r"r: 'q\.npy' is for no frame of the truth \(1 of 2\)"):
        score_responses(folder, truth)


def test_a_response_of_another_size_is_named(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    folder = write_responses(tmp_path / "r")
    write_array(folder / "b.npy", np.zeros((26, 20)))
    with pytest.raises(ScoreError, match=r"b\.npy: is 20×26 px, its truth 26×20 px"):
        score_responses(folder, truth)


def test_detections_need_pictures_and_known_frames(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth", images=False))
    with pytest.raises(DataError, match="truth: no picture of frame 'a'"):
        score_detections(write_table(tmp_path / "d.csv", "a,6,6,1"), truth)
    whole = open_truth(write_truth(tmp_path / "whole"))
    with pytest.raises(ScoreError, match=r"d\.csv: 'q' is for no frame of the truth"):
        score_detections(write_table(tmp_path / "d.csv", "q,6,6,1"), whole)
    with pytest.raises(ScoreError, match=r"d\.csv: line 3: \(60, 6\) lies far outside the frame's 26×20 px"):
        score_detections(write_table(tmp_path / "d.csv", "a,6,6,1", "a,60,6,1"), whole)


def test_what_looks_like_a_mistake_is_told(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    for name in truth.masks:
        (tmp_path / "r").mkdir(exist_ok=True)
        write_png(tmp_path / "r" / f"{name}.png", mask_of(name).astype(np.uint8))
    assert score_responses(tmp_path / "r", truth).notes == (
        "no response is above 1 of 255; masks of 0 and 1 need 255 (or bool arrays), else they are blank",
    )
    assert score_detections(write_table(tmp_path / "d.csv", "a,6,6,0.35", "b,1,1,0.9"), truth).notes == (
        "no detection scores below 0.35; if they were cut there, HSE misses those from 0.1 up",
    )
    assert score_detections(write_table(tmp_path / "d.csv", "a,6,6,0.15", "b,1,1,0.9"), truth).notes == ()
    write_png(tmp_path / "truth/masks/a.png", picture_of("a"))
    assert score_responses(write_responses(tmp_path / "s"), open_truth(tmp_path / "truth")).notes == (
        "masks with more levels than two: 1; any nonzero pixel is target",
    )


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_masks_of_two_ranges_are_refused_by_name(tmp_path: Path, dtype: type[Any]) -> None:
    truth, full = open_truth(write_truth(tmp_path / "truth")), np.iinfo(dtype).max
    (tmp_path / "r").mkdir()
    for name, one in (("a", full), ("b", 1), ("c", full)):
        write_png(tmp_path / "r" / f"{name}.png", np.where(mask_of(name), one, 0).astype(dtype))
    with pytest.raises(ScoreError, match=r"1 masks of 0 and 1, such as b\.png, beside 1 with higher levels"):
        score_responses(tmp_path / "r", truth)


def test_a_faint_response_beside_others_below_full_is_no_mask_of_another_range(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    (tmp_path / "r").mkdir()
    for name, level in (("a", 0.05), ("b", 1 / 255), ("c", 0.05)):
        np.save(tmp_path / "r" / f"{name}.npy", np.full(mask_of(name).shape, level, np.float32))
    (note,) = score_responses(tmp_path / "r", truth).notes
    assert "b.npy" in note


def test_a_faint_response_beside_soft_ones_counts_and_is_told(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    (tmp_path / "r").mkdir()
    soft = np.where(mask_of("a"), np.uint8(255), np.uint8(0))
    soft[0, 0] = 90
    for name, image in (("a", soft), ("b", mask_of("b").astype(np.uint8)), ("c", mask_of("a").astype(np.uint8))):
        write_png(tmp_path / "r" / f"{name}.png", image)
    (note,) = score_responses(tmp_path / "r", truth).notes
    assert "b.png" in note
    assert "c.png" not in note  # it has no target to miss
