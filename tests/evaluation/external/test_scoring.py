import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import ScoreError
from irstd.evaluation.ceiling import ceiling
from irstd.evaluation.external import open_truth, result_json, score_detections, score_responses
from irstd.files.reading import write_array
from irstd.frames import write_png
from irstd.metrics import HSE, Score, ScoredFrame
from tests.evaluation.external.build import (
    picture_of,
    write_dataset,
    write_responses,
    write_table,
    write_truth,
)
from tests.metrics.scenes import drawn, scored, tiny_frames
from tests.shared import SHARED, needs_shared


def points_scored(folder: Path, *rows: str, threshold: float = 0.5) -> Score:
    """The score of these rows on the three frames."""
    truth = open_truth(write_truth(folder / "truth"))
    return score_detections(write_table(folder / "d.csv", *rows), truth, threshold).holder.compute()


PERFECT = ("a,6,6,1", "a,18,12,1", "b,10,4,1")


def test_perfect_is_100_and_blank_is_0(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    told: list[tuple[int, int]] = []
    perfect = score_responses(write_responses(tmp_path / "lit"), truth, 0.5, lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert perfect.notes == ()
    blank = score_responses(write_responses(tmp_path / "blank", value=0.0), truth)
    assert (perfect.holder.compute().hse, blank.holder.compute().hse, blank.notes) == (100.0, 0.0, ())
    assert points_scored(tmp_path, *PERFECT).hse == 100.0
    assert points_scored(tmp_path).hse == 0.0


@settings(max_examples=8, deadline=None)
@given(tiny_frames())
def test_files_score_as_their_arrays(frames: list[ScoredFrame]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        masks, responses = Path(scratch, "masks"), Path(scratch, "responses")
        for folder in (masks, responses):
            folder.mkdir()
        for each in frames:
            write_png(masks / f"{each.name}_pixels0.png", each.truth.astype(np.uint8))
            write_array(responses / f"{each.name}.npy", each.response)
        outcome = score_responses(responses, open_truth(masks), 0.3)
    assert outcome.holder.compute() == scored(*frames, threshold=0.3)


def test_a_point_gets_the_pixels_of_its_target(tmp_path: Path) -> None:
    result = points_scored(tmp_path, "a,6,7,0.9", "a,18,12,0.9", "b,10,4,0.9")
    # 0.9 reaches the levels 1 to 229 of 255, and every confidence from 0.1 to 0.9; the point that is 1 px off counts.
    assert result.a_iou == pytest.approx(229 / 255)
    assert result.target == 1.0
    assert result.hse == pytest.approx(50 * (229 / 255 + 1))
    assert result.at_operating.iou == 1.0


def test_the_integral_takes_points_from_0_1_and_the_headline_those_of_the_threshold(tmp_path: Path) -> None:
    result = points_scored(tmp_path, *PERFECT, "c,3,3,0.3", "c,20,16,0.05")
    assert (result.at_5px.tp, result.at_5px.fp) == (3, 0)
    # At 0.1, 0.2 and 0.3 there is one found in vain: F1 = 6 / 7.
    assert result.target == pytest.approx((3 * 6 / 7 + 6) / 9)
    low = points_scored(tmp_path, *PERFECT, "c,3,3,0.3", "c,20,16,0.05", threshold=0.05)
    assert (low.at_5px.tp, low.at_5px.fp) == (3, 2)
    assert low.hse == result.hse


def test_the_same_as_the_holder_says_of_detections(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    outcome = score_detections(write_table(tmp_path / "d.csv", "a,7,6,0.8", "b,20,15,0.4"), truth, 0.3)
    assert [(row.name, row.tp, row.fp, row.fn) for row in outcome.holder.rows()] == [
        ("a", 1, 0, 1),
        ("b", 0, 1, 1),
        ("c", 0, 0, 0),
    ]
    assert sum(own.targets for own in outcome.holder.compute().by_contrast.values()) == 3


def test_the_ceiling_is_what_the_true_points_get(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    dim = picture_of("a").copy()
    dim[5:8, 5:8], dim[6, 5:8] = 40, 200  # of the first target only the middle row stands out
    write_png(truth.images["a"], dim)
    found = score_detections(write_table(tmp_path / "d.csv", "b,10,4,0.5"), truth)
    assert found.ceiling is not None
    limit = found.ceiling.compute()
    assert limit.a_iou == pytest.approx((3 + 9 + 9) / 27)
    assert (limit.target, limit.targets) == (1.0, 3)
    perfect = score_detections(write_table(tmp_path / "d.csv", *PERFECT), truth)
    assert limit == perfect.holder.compute()
    plain = json.loads(result_json(found.holder.compute(), limit))
    assert (plain["ceiling_hse"], plain["ceiling_pixel"]) == (limit.hse, limit.pixel)
    assert plain["hse"] < plain["ceiling_hse"]


def test_the_ceiling_takes_the_points_of_the_dataset(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    (folder / "points.csv").write_text("frame,x,y\na,6,6\na,18,12\nb,10,4\nd,8,8\nd,18,12\n")
    found = score_detections(write_table(tmp_path / "d.csv"), open_truth(folder))  # d: one point 2.8 px off, of two
    assert found.ceiling is not None
    wanted = ceiling(CanonicalDataset.open(folder).samples("test")).compute()
    assert found.ceiling.compute() == wanted
    assert wanted.target == pytest.approx((2 * 0.5 + 3 * 1.0) / 5)


def test_responses_have_no_ceiling(tmp_path: Path) -> None:
    outcome = score_responses(write_responses(tmp_path / "r"), open_truth(write_truth(tmp_path / "truth")))
    assert outcome.ceiling is None
    plain = json.loads(result_json(outcome.holder.compute()))
    assert (plain["ceiling_hse"], plain["ceiling_pixel"]) == (None, None)


def test_hse_2_ranks_what_hse_1_leaves_out(tmp_path: Path) -> None:
    without = points_scored(tmp_path / "0", "a,6,6,0.8", "c,3,3,0.9")
    weak = points_scored(tmp_path / "1", "a,6,6,0.8", "c,3,3,0.9", "b,10,4,0.01")
    assert weak.hse == without.hse
    assert weak.hse_2 is not None
    assert without.hse_2 is not None
    assert weak.hse_2 > without.hse_2
    many = [f"b,{x},{y},0.001" for x in range(14, 26) for y in range(8, 18)]  # the 64 highest of a frame count
    beyond = points_scored(tmp_path / "2", "a,6,6,0.8", "c,3,3,0.9", *many, "b,10,4,0.0001")
    assert beyond.ap_target == without.ap_target


def test_without_a_target_all_but_false_alarms_is_null(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    only = type(truth)(truth.where, {"c": truth.masks["c"]}, {})
    write_responses(tmp_path / "r")
    write_array(tmp_path / "r/c.npy", drawn((20, 26), {((3, 3), (3, 4)): 0.7}))
    for name in "ab":
        (tmp_path / f"r/{name}.npy").unlink()
    plain = json.loads(result_json(score_responses(tmp_path / "r", only).holder.compute()))
    nulls = (
        "hse_2",
        "ap_pixel",
        "ap_target",
        "hse",
        "pixel",
        "target",
        "a_iou",
        "a_niou",
        "iou",
        "niou",
        "pd_3",
        "precision_5",
        "recall_5",
        "f1_5",
    )
    assert [plain[name] for name in nulls] == [None] * len(nulls)
    assert plain["fa_3"] == pytest.approx(2 / 520 * 1e6)
    assert (plain["frames"], plain["targets"], plain["threshold"]) == (1, 0, 0.5)


def test_the_flat_result_is_the_score_s(tmp_path: Path) -> None:
    result = points_scored(tmp_path, "a,6,6,0.8", "b,6,4,0.7", "c,3,3,0.9", threshold=0.6)
    plain = json.loads(result_json(result))
    assert plain["definition"] == "hse-1"
    assert (plain["hse"], plain["pixel"], plain["target"]) == (result.hse, result.pixel, result.target)
    assert (plain["hse_2"], plain["ap_pixel"], plain["ap_target"]) == (result.hse_2, result.ap_pixel, result.ap_target)
    assert (plain["a_iou"], plain["a_niou"]) == (result.a_iou, result.a_niou)
    assert (plain["iou"], plain["niou"]) == (result.at_operating.iou, result.at_operating.niou)
    # The point 4 px beside the target of b is a hit at 5 px only.
    assert (plain["pd_3"], plain["precision_3"], plain["f1_3"]) == (1 / 3, 1 / 3, 1 / 3)
    assert (plain["precision_5"], plain["recall_5"], plain["f1_5"]) == (2 / 3, 2 / 3, 2 / 3)
    assert (plain["tp_5"], plain["fp_5"], plain["fn_5"]) == (2, 1, 1)
    assert (plain["fa_3"], plain["fa_5"]) == (result.at_3px.fa_per_mpx, result.at_5px.fa_per_mpx)
    assert plain["fa_3"] > plain["fa_5"] > 0
    assert (plain["frames"], plain["target_frames"], plain["targets"], plain["threshold"]) == (3, 2, 3, 0.6)
    assert plain["surface"]["f1"] == [list(row) for row in result.surface.f1 or ()]


@pytest.mark.parametrize("threshold", [0.0, 1.5])
def test_a_threshold_outside_its_range(tmp_path: Path, threshold: float) -> None:
    with pytest.raises(ScoreError, match=r"operating threshold must lie in \(0, 1\]"):
        points_scored(tmp_path, threshold=threshold)


def test_no_model_and_no_torch_are_needed() -> None:
    lines = "import sys, irstd.cli.scoring; print({'torch', 'irstd.models', 'mlflow'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"


@needs_shared
def test_the_authors_detections_on_v1(tmp_path: Path) -> None:
    source, folder = SHARED / "open-sirst-v1", tmp_path / "v1"
    names = (source / "splits/test_v1.txt").read_text().split()
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    for name in names:
        (folder / "images" / f"{name}.png").symlink_to(source / "mixed" / f"{name}.png")
        (folder / "masks" / f"{name}.png").symlink_to(source / "annotations/masks" / f"{name}_pixels0.png")
    found = json.loads((SHARED / "spire-official/detections_test_v1.json").read_text())["images"]
    rows = [  # their output is linear and passes 1
        f"{name}.png,{x},{y},{min(score, 1.0)}"
        for name, each in found.items()
        for (x, y), score in zip(each["points"], each["scores"], strict=True)
    ]
    holder: HSE = score_detections(write_table(tmp_path / "d.csv", *rows), open_truth(folder), 0.35).holder
    plain = json.loads(result_json(holder.compute()))
    assert (plain["tp_5"], plain["fp_5"], plain["fn_5"]) == (105, 1, 4)
    figures = [plain[name] for name in ("precision_5", "recall_5", "f1_5")]
    assert figures == pytest.approx([0.9906, 0.9633, 0.9767], abs=5e-5)
    assert (plain["frames"], plain["targets"]) == (86, 109)
