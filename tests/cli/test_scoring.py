import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from irstd.metrics.headline import FIGURES, HEADLINE
from tests.cli.running import fails, run
from tests.evaluation.external.build import mask_of, write_dataset, write_responses, write_table, write_truth


def test_tables(outside: Path) -> None:
    write_truth(outside / "truth")
    ran = run("score", "--detections", write_table(outside / "d.csv", "a,6,6,0.9", "c,3,3,0.6"), "--truth", "truth")
    assert ran.code == 0
    assert ran.err == ["note: no detection scores below 0.6; if they were cut there, HSE misses those from 0.1 up"]
    words = [line.split() for line in ran.out]
    assert ran.out[0].startswith("HSE ")
    assert "ceiling 100.00" in ran.out[0]
    assert words[2] == ["headline", *" ".join(figure.heading for figure in HEADLINE).split()]
    shown = dict(zip(FIGURES, words[3], strict=True))
    assert [shown[name] for name in ("target", "pd", "f1", "fa_per_mpx")] == ["0.433", "0.333", "0.400", "641.0"]
    assert ["within", "5", "px", "1", "1", "2", "0.5000", "0.3333", "0.4000", "641.03"] in words
    assert ["up", "to", "9", "px", "3", "1", "0.3333"] in words
    assert ran.out[-2] == "without a target: 1, with 1 false alarm in 1 of them"
    assert ran.out[-1] == "3 frames, 3 targets in 2 of them; pixels, targets and sizes at threshold 0.5"


def test_json_alone_on_stdout(outside: Path) -> None:
    write_dataset(outside / "set")
    write_responses(outside / "r", "abcd")
    ran = run("score", "--responses", "r", "--truth", "set", "--json", "--threshold", "0.4")
    assert (ran.code, len(ran.err)) == (0, 1)
    assert ran.err[0] == "note: frames with predictions outside set, split test, not scored: 2"
    plain = json.loads("\n".join(ran.out))
    wanted = "definition hse pixel target a_iou a_niou iou niou pd_3 fa_3 precision_5 recall_5 f1_5"
    assert set(wanted.split()) <= set(plain)
    assert (plain["hse"], plain["pd_3"], plain["fa_3"]) == (100.0, 1.0, 0.0)
    assert (plain["frames"], plain["targets"], plain["threshold"]) == (2, 2, 0.4)
    assert plain["ceiling_hse"] is None


def test_the_ceiling_of_points_as_json(outside: Path) -> None:
    write_truth(outside / "truth")
    table = write_table(outside / "d.csv", "a,6,6,0.1")
    plain = json.loads("\n".join(run("score", "--detections", table, "--truth", "truth", "--json").out))
    assert (plain["ceiling_hse"], plain["ceiling_pixel"]) == (100.0, 1.0)
    assert 0 < plain["hse"] < 100


def test_tifs_of_floats(outside: Path) -> None:
    write_truth(outside / "truth")
    (outside / "r").mkdir()
    for name in "abc":
        assert cv2.imwrite(f"r/{name}.tif", mask_of(name).astype(np.float32) * np.float32(0.75))
    plain = json.loads("\n".join(run("score", "--responses", "r", "--truth", "truth", "--json").out))
    assert plain["a_iou"] == pytest.approx(191 / 255)  # 0.75 reaches the levels 1 to 191
    assert plain["target"] == pytest.approx(7 / 9)


def test_nothing_to_find(outside: Path) -> None:
    (outside / "masks").mkdir()
    (outside / "masks/c.png").write_bytes((write_truth(outside / "truth") / "masks/c.png").read_bytes())
    ran = run("score", "--responses", write_responses(outside / "r", "c"), "--truth", "masks")
    assert (ran.code, ran.err, ran.out[0]) == (0, [], "HSE –  (hse-1; 100 is best)   HSE-2 –  (hse-2)")
    assert ran.out[-1] == "1 frame, 0 targets in 0 of them; pixels, targets and sizes at threshold 0.5"


def test_a_dataset_of_the_project_by_name(project: Path) -> None:
    write_dataset(project / "data/prepared/mine")
    responses = write_responses(project / "r", "b")
    assert run("score", "--responses", responses, "--truth", "mine", "--split", "val").out[0].startswith("HSE 100.00")
    write_dataset(project / "data/raw/mine")
    (project / "data/raw/mine/splits/val.txt").write_text("c\n")
    (project / "data/raw/mine/splits/test.txt").write_text("d\nb\n")
    said = fails("score", "--responses", responses, "--truth", "mine", "--split", "val")
    assert said == f"error: {responses}: none of its frames lies in the split; choose another (--split)"


def test_masks_and_images_apart(outside: Path) -> None:
    write_truth(outside / "set", mark="_pixels0")
    table = write_table(outside / "d.csv", "a.png,6,6,1", "a.png,18,12,1", "b.png,10,4,0.1", "b.png,10,4,1")
    said = fails("score", "--detections", table, "--truth", "set/masks")
    assert said.startswith("error: set/masks: no picture of frame 'a' (3 missing)")
    ran = run("score", "--detections", table, "--truth", "set/masks", "--images", "set/images")
    assert (ran.code, ran.err) == (0, [])


def test_what_a_user_may_get_wrong(outside: Path) -> None:
    write_dataset(outside / "set")
    responses, table = write_responses(outside / "r", "cd"), write_table(outside / "d.csv")
    usage = "error: Invalid value: needed is one of --responses and --detections; see `irstd score --help`"
    assert fails("score", "--truth", "set", code=2) == usage
    assert fails("score", "--truth", "set", "--responses", responses, "--detections", table, code=2) == usage
    assert fails("score", "--responses", responses, code=2).startswith("error: Missing option '--truth'")
    assert fails("score", "--responses", responses, "--truth", "absent").startswith(
        "error: absent: no such truth; give"
    )
    assert "unknown split 'tst'" in fails("score", "--responses", responses, "--truth", "set", "--split", "tst")
    assert "operating threshold must lie" in fails(
        "score", "--responses", responses, "--truth", "set", "--threshold", "0", "--json"
    )
    write_table(outside / "d.csv", "c,1,1,1.5")
    assert "d.csv: line 2: score must be" in fails("score", "--detections", table, "--truth", "set", "--json")
