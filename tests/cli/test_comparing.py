import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.text import Text

from irstd.comparison.resampling import difference, intervals
from irstd.comparison.stored import write_counts
from irstd.frames import Frame
from irstd.metrics import FrameCounts, ScoredFrame, count_frame, pooled, score_of
from irstd.metrics.headline import FIGURES
from tests.cli.running import fails, run
from tests.metrics.scenes import Cells, drawn, square

TARGET, ELSEWHERE = square(3, 3), square(14, 10, 2)


def frames(*found: tuple[Cells, ...], threshold: float = 0.5, truth: Cells = TARGET) -> list[FrameCounts]:
    """A frame of 20 × 20 px for each set of squares that is found in it; every third holds no target."""
    return [
        count_frame(
            ScoredFrame(
                f"f{i}",
                drawn((20, 20), {truth: 1} if i % 3 != 2 else {}) > 0,
                drawn((20, 20), dict.fromkeys(each, 0.8)),
            ),
            threshold,
        )
        for i, each in enumerate(found)
    ]


HIT, MISS, BOTH, ALARM = (TARGET,), (), (TARGET, ELSEWHERE), (ELSEWHERE,)
POOR = frames(HIT, MISS, ALARM, HIT, ALARM, MISS)
GOOD = frames(HIT, HIT, MISS, HIT, HIT, MISS, threshold=0.35)


def model(name: str, test: list[FrameCounts], val: list[FrameCounts] | None = None) -> Path:
    """The folder of an evaluation with stored counts."""
    folder = Path(name)
    folder.mkdir(parents=True)
    write_counts(folder / "counts.parquet", {"val": val or test, "test": test})
    return folder


def shown(lines: list[str]) -> list[str]:
    """The lines with single spaces."""
    return [" ".join(line.split()) for line in lines]


def test_scores_differences_and_changed_frames(outside: Path) -> None:
    ran = run("compare", model("scores/poor", POOR), model("scores/good", GOOD) / "counts.parquet")
    assert (ran.code, ran.err) == (0, [])
    lines = shown(ran.out)
    assert lines[0] == "test: 6 frames, 4 targets; hse-1"
    assert lines[1] == "model threshold HSE HSE-2 F1 R = Pd Fa (px/Mpx)"
    own = intervals(POOR, 0)["f1"]
    assert own is not None
    assert lines[2].startswith("poor 0.5 ")
    assert f" 0.500 [{own.low:.3f}, {own.high:.3f}] " in lines[2]
    assert lines[3].startswith("good 0.35 ")
    assert lines[5:7] == [
        "differences to poor, paired; * where 0 lies outside the interval",
        "model HSE HSE-2 F1 R = Pd Fa (px/Mpx)",
    ]
    more = difference(POOR, GOOD, 0)["f1"]
    assert more is not None
    assert f" +0.500 [{more.low:+.3f}, {more.high:+.3f}]" in lines[7]
    assert lines[9:14] == [
        "Pd within 5 px at the operating thresholds, by size of the target and by its contrast to its surroundings",
        "model ≤9 px ≤81 px >81 px",
        "targets 4 0 0",
        "poor 0.500 – –",
        "good 1.000 – –",
    ]
    assert lines[15:19] == [
        "false alarms on 2 frames without a target",
        "model false alarms frames with one Fa (px/Mpx)",
        "poor 1 1 5000.0",
        "good 0 0 0.0",
    ]
    assert lines[20] == "3 of 6 frames changed at the operating thresholds: hits/false alarms/misses"
    assert lines[21:25] == ["frame poor good", "f4 0/1/1 1/0/0", "f1 0/0/1 1/0/0", "f2 0/1/0 0/0/0"]
    assert lines[25].startswith("[95% intervals]: percentiles of 2000 resamples of the frames, seed 0, ")
    assert lines[25].endswith(f" {intervals(POOR, 0).redrawn} drawn again without a target")


def contrasting(hits: bool) -> list[FrameCounts]:
    """A small faint target and a large bright one, in a frame each; the large one is found, the small one if asked."""
    found = []
    for name, cells, level in (("small", square(3, 3, 2), 44), ("large", square(4, 4, 10), 200)):
        truth = drawn((20, 20), {cells: 1}) > 0
        grey = np.where(np.indices((20, 20)).sum(axis=0) % 2, np.uint8(40), np.uint8(42))
        picture: Frame = np.where(truth, np.uint8(level), grey)
        response = truth.astype(np.float32) * np.float32(hits or name == "large")
        found.append(count_frame(ScoredFrame(name, truth, response, frame=picture)))
    return found


def test_contrasts_are_told_where_the_pictures_were_there(outside: Path) -> None:
    lines = shown(run("compare", model("half", contrasting(False)), model("all", contrasting(True))).out)
    start = lines.index("model ≤9 px ≤81 px >81 px ≤4 σ >8 σ")
    assert lines[start + 1 : start + 4] == [
        "targets 1 0 1 1 1",
        "half 0.000 – 1.000 0.000 1.000",
        "all 1.000 – 1.000 1.000 1.000",
    ]
    assert not any("without a target" in line for line in lines)


def on_terminal(width: int, patch: pytest.MonkeyPatch) -> list[str]:
    """The lines of a comparison on a terminal so wide, without colours."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": f"{width}"}.items():
        patch.setenv(name, value)
    lines = [Text.from_ansi(line).plain.rstrip() for line in run("compare", "first-model", "second-model").out]
    return [line for line in lines if line]


def test_a_narrow_terminal_has_intervals_below_their_figures(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model("first-model", POOR), model("second-model", GOOD)
    narrow, wide = on_terminal(100, monkeypatch), on_terminal(150, monkeypatch)
    figures = score_of(pooled((frame.counts for frame in POOR), 0.5))
    ends = intervals(POOR, 0)
    below = [
        f"[{each.low:.{digits}f}, {each.high:.{digits}f}]"
        for name, digits in (("hse", 1), ("hse_2", 1), ("f1", 3))
        if (each := ends[name])
    ]
    row = next(i for i, line in enumerate(narrow) if line.startswith("first-model"))
    values = [f"{figures.hse:.2f}", f"{figures.hse_2:.2f}", f"{figures.f1:.3f}"]
    assert narrow[row].split()[:5] == ["first-model", "0.5", *values]
    assert narrow[row + 1].split("]")[0].strip() + "]" == below[0]
    assert below[1] in narrow[row + 1]
    assert any(line.startswith("first-model") and all(each in line for each in below) for line in wide)
    assert max(len(line) for line in narrow if line.startswith(("first-model", "second-model", " "))) <= 100


def test_a_star_where_zero_lies_outside(outside: Path) -> None:
    none, every = frames(*[MISS] * 30), frames(*[HIT, HIT, MISS] * 10)
    ran = run("compare", model("none", none), model("every", every), model("again", every))
    (line, again) = shown(ran.out)[8:10]
    scores, share = "+84.44 [+84.4, +84.4]* +100.00 [+100.0, +100.0]*", "+1.000 [+1.000, +1.000]*"
    assert line == f"every {scores} {share} {share} +0.0 [+0.0, +0.0]"
    assert again.removeprefix("again") == line.removeprefix("every")


def test_what_did_not_change(outside: Path) -> None:
    lines = shown(run("compare", model("a", GOOD), model("b", GOOD)).out)
    score, share = "+0.00 [+0.0, +0.0]", "+0.000 [+0.000, +0.000]"
    assert lines[7] == f"b {score} {score} {share} {share} +0.0 [+0.0, +0.0]"
    assert "0 of 6 frames changed at the operating thresholds" in lines


def test_another_split_and_fewer_frames(outside: Path) -> None:
    a, b = model("a", GOOD, val=POOR), model("b", GOOD, val=GOOD)
    lines = shown(run("compare", a, b, "--split", "val", "--frames", "1").out)
    assert lines[0].startswith("val: 6 frames")
    changed = "3 of 6 frames changed at the operating thresholds, the 1 that changed most: "
    assert any(line.startswith(changed) for line in lines)
    assert [line for line in lines if line.startswith("f") and "/" in line] == ["f4 0/1/1 1/0/0"]
    assert not any(line.startswith("f4") for line in shown(run("compare", a, b, "--split", "val", "--frames", "0").out))


def test_json_alone(outside: Path) -> None:
    ran = run("compare", model("poor", POOR), model("good", GOOD), "--json", "--seed", "3")
    assert (ran.code, ran.err) == (0, [])
    said = json.loads("\n".join(ran.out))
    assert [said[key] for key in ("split", "definition", "frames", "targets")] == ["test", "hse-1", 6, 4]
    assert [said[key] for key in ("level", "resamples", "seed")] == [0.95, 2000, 3]
    poor, good = said["models"]
    assert [each["name"] for each in said["models"]] == ["poor", "good"]
    assert (poor["operating_threshold"], good["operating_threshold"]) == (0.5, 0.35)
    assert poor["differences"] == {}
    own, more = intervals(GOOD, 3), difference(POOR, GOOD, 3)
    scores = [score_of(pooled((frame.counts for frame in part), part[0].counts.threshold)) for part in (POOR, GOOD)]
    for own_score, each in zip(scores, (poor, good), strict=True):
        whole = own_score.to_dict()
        for kind in ("by_size", "by_contrast", "target_free"):
            assert each[kind] == whole[kind]
    assert poor["by_size"]["up_to_9_px"] == {"targets": 4, "detected": 2, "pd": 0.5}
    assert (poor["target_free"]["false_alarms"], good["target_free"]["false_alarms"]) == (1, 0)
    for name in FIGURES:
        before, after = (getattr(score, name) for score in scores)
        for part, value, interval in (("figures", after, own[name]), ("differences", after - before, more[name])):
            ends = None if interval is None else {"low": interval.low, "high": interval.high}
            assert good[part][name] == {"value": value, "interval": ends}
    assert said["changed"][0] == {
        "frame": "f4",
        "targets": 1,
        "counts": {"poor": {"tp": 0, "fp": 1, "fn": 1}, "good": {"tp": 1, "fp": 0, "fn": 0}},
    }
    assert [each["frame"] for each in said["changed"]] == ["f4", "f1", "f2"]


def test_what_is_undefined_is_shown_so(outside: Path) -> None:
    free = [replace(frame, name=f"g{i}") for i, frame in enumerate([POOR[2], POOR[5], GOOD[2]][:2])]
    ran = run("compare", model("a", free), model("b", free))
    lines = shown(ran.out)
    assert lines[0] == "test: 2 frames, 0 targets; hse-1"
    assert lines[2] == "a 0.5 – – – – 5000.0 [0.0, 10000.0]"
    assert "drawn again" not in lines[-1]


def test_counts_from_before_hse_2_are_compared_by_hse_1_and_said_to_be_such(outside: Path) -> None:
    old = [replace(frame, counts=replace(frame.counts, ranked=None)) for frame in POOR]
    ran = run("compare", model("old", old), model("good", GOOD), "--json")
    assert (ran.code, len(ran.err)) == (0, 1)
    assert ran.err[0].startswith("note: old: ")
    first, second = json.loads("\n".join(ran.out))["models"]
    undefined = {"value": None, "interval": None}
    assert first["figures"]["hse_2"] == second["differences"]["hse_2"] == undefined
    assert second["figures"]["hse_2"]["value"] is not None
    assert second["differences"]["hse"]["interval"] is not None


def test_names_that_are_the_same_become_paths(outside: Path) -> None:
    a, b = model("demo/scores/spire", POOR), model("real/scores/spire", GOOD)
    lines = shown(run("compare", a, b).out)
    assert lines[2].startswith("demo/scores/spire 0.5 ")
    assert lines[3].startswith("real/scores/spire 0.35 ")
    assert fails("compare", a, b, a) == "error: demo/scores/spire: given twice; give each model once"


def test_files_of_any_name(outside: Path) -> None:
    for name, part in (("old", POOR), ("new", GOOD)):
        write_counts(outside / f"{name}.parquet", {"test": part})
    lines = shown(run("compare", "old.parquet", "new.parquet").out)
    assert [line.split()[0] for line in lines[2:4]] == ["old", "new"]


def test_several_fits_are_averaged_and_paired(outside: Path) -> None:
    for seed, plain, ours in (("7", POOR, GOOD), ("8", GOOD, GOOD), ("9", POOR, GOOD)):
        model(f"scores/plain-{seed}", plain), model(f"scores/ours-{seed}", ours)
    (outside / "scores/plain-notes").mkdir()
    ran = run("compare", "scores/plain-*", "scores/ours-*")
    assert (ran.code, ran.err) == (0, [])
    lines = shown(ran.out)
    assert lines[1:3] == ["plain-*: mean of 3 fits, 7, 8, 9", "ours-*: mean of 3 fits, 7, 8, 9"]
    assert any(line.startswith("model threshold HSE HSE-2 P R = Pd F1 IoU") for line in lines)
    assert any(line.startswith("plain-* – ") for line in lines)  # thresholds 0.5 and 0.35
    assert any(line.startswith("ours-* 0.35 ") for line in lines)
    assert lines[-1].startswith("[95% intervals]: percentiles of 2000 resamples of fits and frames together, seed 0")
    said = json.loads("\n".join(run("compare", "scores/plain-*", "scores/ours-*", "--json").out))
    plain = said["models"][0]
    assert sorted(plain["fits"]) == ["7", "8", "9"]
    assert plain["figures"]["f1"]["value"] == pytest.approx(sum(fit["f1"] for fit in plain["fits"].values()) / 3)
    single = json.loads("\n".join(run("compare", "scores/ours-7", "scores/plain-*", "--json").out))
    assert single["models"][0]["operating_threshold"] == 0.35
    assert "fits" not in single["models"][0]


def test_patterns_that_name_no_fits(outside: Path) -> None:
    a = model("scores/plain-7", POOR)
    model("scores/plain-8", POOR), model("scores/ours-7", GOOD), model("scores/ours-9", GOOD)
    assert fails("compare", a, "scores/none-*").startswith("error: scores/none-*: no evaluation with a counts.parquet ")
    assert fails("compare", a, "*/plain-*").startswith("error: */plain-*: holds 2 *; ")
    assert fails("compare", "scores/plain-*", "scores/ours-*") == (
        "error: plain-* and ours-* cannot be compared: only plain-* has a fit 8; give the same fits of both"
    )


def test_other_frames_or_another_truth(outside: Path) -> None:
    a = model("a", GOOD)
    assert fails("compare", a, model("b", GOOD[:5])) == (
        "error: a and b cannot be compared: 1 frame is in one of the two only: f5 in the first; "
        "compare counts of the same frames"
    )
    moved = frames(HIT, HIT, MISS, HIT, HIT, MISS, truth=square(3, 3, 4))
    assert fails("compare", a, model("c", moved)) == (
        "error: a and c cannot be compared: f0: another truth: target_pixels is 9 in the first, 16 in the second; "
        "score both against the same masks"
    )


def test_what_holds_no_counts(outside: Path) -> None:
    a = model("a", GOOD)
    (outside / "empty").mkdir()
    (outside / "table.csv").write_text("name\n")
    end = "; give a file of counts, or the folder of an evaluation that holds one"
    assert fails("compare", a, "empty") == f"error: empty: holds no counts.parquet{end}"
    assert fails("compare", a, "absent") == f"error: absent: no such file or folder{end}"
    assert fails("compare", a, "table.csv").startswith("error: table.csv: damaged, or no file of counts (")
    assert fails("compare", a, "table.csv", "--split", "train") == (
        "error: a/counts.parquet: holds no split train; choose with --split among val, test"
    )


@pytest.mark.parametrize("line", ["compare", "compare a"])
def test_one_model_alone_is_no_comparison(line: str) -> None:
    assert "Missing argument" in fails(*line.split(), code=2)


def test_names_are_no_markup(outside: Path) -> None:
    odd = [replace(frame, name=f"[red]{frame.name}") for frame in POOR]
    good = [replace(frame, name=f"[red]{frame.name}") for frame in GOOD]
    lines = shown(run("compare", model("[bold]a", odd), model("b", good)).out)
    assert lines[2].startswith("[bold]a 0.5")
    assert "[red]f4 0/1/1 1/0/0" in lines
