import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import irstd
from irstd.curation.importers.folders import MaskedFrames
from irstd.errors import ModelError
from irstd.evaluation.ceiling import ceiling
from irstd.evaluation.scoring import score_frames
from irstd.frames import read_image, write_png
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.registry import build
from irstd.tracking import CHAMPION, MODEL
from irstd.tracking.registering import register
from irstd.tracking.runs import variant_run
from irstd.tracking.store import open_store
from tests.cli.running import fails, run
from tests.frames.clips import write_clip
from tests.shared import SHARED, needs_shared


def test_a_bundle_on_a_folder(outside: Path, frames: Path, bundle: Path) -> None:
    ran = run("detect", frames, "--model", bundle)
    assert (ran.code, ran.err) == (0, [])
    assert ran.out == [
        "3 frames, 2 detections: detections/detections.csv, pictures in detections/overlays "
        f"(model {bundle}, tophat, operating threshold 0.7, raw scores)"
    ]
    table = pd.read_csv(outside / "detections/detections.csv")
    assert list(table.columns) == ["frame", "x", "y", "score"]
    assert list(table["frame"]) == ["day.png", "night/deep.png"]
    assert list(table["x"]) == pytest.approx([30, 8], abs=0.5)
    assert list(table["y"]) == pytest.approx([12, 20], abs=0.5)
    assert (table["score"] >= 0.7).all()
    pictures = sorted(path.relative_to(outside).as_posix() for path in outside.rglob("*.png"))
    assert pictures == [f"detections/overlays/{name}.png" for name in ("day", "flat", "night/deep")]


def test_the_same_in_python(frames: Path, bundle: Path) -> None:
    found = irstd.load(bundle)(read_image(frames / "day.png"))
    assert found.points.tolist() == [pytest.approx([30.0, 12.0], abs=0.5)]
    assert len(irstd.load(str(bundle))(read_image(frames / "flat.png"))) == 0


def test_without_a_champion_the_shipped_bundle_is_used(project: Path, frames: Path, shipped: Path) -> None:
    for options in ((), ("--model", "pretrained")):
        ran = run("detect", frames, *options)
        assert (ran.code, ran.err) == (0, [])
        assert "(model pretrained, tophat, operating threshold 0.7, raw scores)" in ran.out[0]
    assert not (project / "var").exists()
    assert irstd.load("pretrained").hash == irstd.load(shipped).hash


def test_nothing_is_shipped(frames: Path) -> None:
    assert fails("detect", frames, "--model", "pretrained").startswith("error: pretrained: this installation of irstd")
    with pytest.raises(ModelError, match="pretrained"):
        irstd.load("pretrained")


def test_frames_that_are_shrunk_are_told(outside: Path, tmp_path: Path) -> None:
    settings = {"size": 32, "color": "grey"}
    save_bundle(tmp_path / "small", build("spire", settings), Bundle("spire", settings, Rules()))
    (tmp_path / "few").mkdir()
    write_png(tmp_path / "few/large.png", np.zeros((80, 60), dtype=np.uint8))
    write_png(tmp_path / "few/small.png", np.zeros((20, 30), dtype=np.uint8))
    ran = run("detect", tmp_path / "few", "--model", tmp_path / "small", "--no-overlays")
    assert "1 of 2 frames are shrunk to 32 × 32 px, up to 2.5 ×; targets below 3 px" in ran.out[1]


def test_videos_true_targets_and_skipped_files(outside: Path, bundle: Path, tmp_path: Path) -> None:
    write_clip(tmp_path / "in/clip.avi")
    (tmp_path / "in/notes.txt").write_text("")
    (tmp_path / "truth.csv").write_text("frame,x,y\nclip.avi/000000,11.5,21.5\nclip.avi/000001,60,40\nno.png,1,1\n")
    ran = run("detect", tmp_path / "in", "--model", bundle, "--threshold", "0.5", "--truth", tmp_path / "truth.csv")
    assert ran.code == 0
    assert ran.out[0].startswith("6 frames, ")
    assert ran.out[1].startswith("of 2 true targets 1 are hit within 5 px; ")
    assert [line.split(":")[0] for line in ran.err] == ["note", "note"]
    assert "notes.txt" in ran.err[0]
    assert "truth.csv: has targets of frames that were not searched: no" in ran.err[1]
    assert list(pd.read_csv(outside / "detections/detections.csv").columns) == ["frame", "x", "y", "score", "time"]
    assert (outside / "detections/overlays/clip.avi.webm").stat().st_size > 0


@needs_shared
def test_the_table_of_a_low_threshold_gives_the_hse_of_the_evaluation(outside: Path) -> None:
    source = SHARED / "open-sirst-v1"
    names = (source / "splits/test_v1.txt").read_text().split()[:4]
    for kind, stored in (("images", "mixed/{}.png"), ("masks", "annotations/masks/{}_pixels0.png")):
        (outside / "set" / kind).mkdir(parents=True)
        for name in names:
            (outside / "set" / kind / f"{name}.png").symlink_to(source / stored.format(name))
    weights = SHARED / "spire-official/SPIRE-SIRST4-512.safetensors"
    assert run("models", "import-spire", weights, "--out", "spire").code == 0
    settings = {"color": "rgb", "size": 160}  # a tenth of the work
    detector = build("spire", settings)
    detector.load_state_dict(irstd.load("spire").detector.state_dict())
    save_bundle(Path("small"), detector, Bundle("spire", settings, Rules(threshold=0.35, value_range=0.35, most=8)))
    assert run("detect", "set/images", "--model", "small", "--threshold", "0.1", "--no-overlays").code == 0
    said = run("score", "--detections", "detections/detections.csv", "--truth", "set", "--json").out
    plain = json.loads("\n".join(said))
    frames = MaskedFrames.open(outside / "set/images", outside / "set/masks")
    samples = [frames.sample(name) for name in names]
    scored = score_frames(detector, samples, Rules()).compute()
    assert scored.hse is not None
    assert scored.hse > 10
    assert plain["hse"] == pytest.approx(scored.hse, abs=0.02)  # scores in the table have four decimals
    assert plain["ceiling_hse"] == ceiling(samples).compute().hse


def test_without_pictures_and_without_detections(outside: Path, frames: Path, bundle: Path) -> None:
    ran = run("detect", frames / "flat.png", "--model", bundle, "--out", "found/here", "--no-overlays")
    assert ran.out[0].startswith("1 frame, 0 detections: found/here/detections.csv (model ")
    assert (outside / "found/here/detections.csv").read_text() == "frame,x,y,score\n"
    assert [path.name for path in (outside / "found/here").iterdir()] == ["detections.csv"]


def test_a_bad_frame_is_one_line_and_the_others_are_done(frames: Path, bundle: Path) -> None:
    (frames / "broken.png").write_text("no image")
    ran = run("detect", frames, "--model", bundle)
    assert ran.code == 1
    assert len(ran.err) == 1
    assert ran.err[0].startswith(f"error: {frames / 'broken.png'}: no image that OpenCV can read")
    assert ran.out[0].startswith("3 frames, 2 detections: ")


FRAME_FAULTS = {
    "nowhere": "error: nowhere: no such file or folder; check the path",
    "empty": "error: empty: no image or video in this folder or below; looked for .png, .tif",
    "notes.txt": "error: notes.txt: is no image or video by its name; frames are .png, .tif",
    "*.png": "error: *.png: nothing matches this pattern; looked for .png, .tif",
}


@pytest.mark.parametrize("path", FRAME_FAULTS)
def test_what_holds_no_frames_is_named(outside: Path, bundle: Path, path: str) -> None:
    (outside / "empty").mkdir()
    (outside / "notes.txt").write_text("")
    assert fails("detect", path, "--model", bundle).startswith(FRAME_FAULTS[path])
    assert not (outside / "detections").exists()


def test_a_folder_that_cannot_be_written_is_named(outside: Path, frames: Path, bundle: Path) -> None:
    (outside / "file").write_text("")
    assert "file/x: cannot be made (" in fails("detect", frames, "--model", bundle, "--out", "file/x")
    assert "/proc/x: cannot be made (" in fails("detect", frames, "--model", bundle, "--out", "/proc/x")


def test_what_is_no_bundle_is_named(outside: Path, frames: Path) -> None:
    assert fails("detect", frames, "--model", "mine") == (
        "error: mine: no such bundle; give a bundle's folder, models:/NAME@ALIAS or models:/NAME/VERSION"
    )
    (outside / "mine").mkdir()
    assert "error: mine/bundle.json: " in fails("detect", frames, "--model", "mine")


def test_no_champion_yet_is_said_at_once(project: Path, frames: Path) -> None:
    assert "models:/irstd@champion: no model is registered yet; `make demo` or" in fails("detect", frames)
    assert not (project / "var").exists()


def test_outside_a_project_there_is_no_registry(frames: Path) -> None:
    said = fails("detect", frames)
    assert "not inside an irstd project" in said
    assert said.endswith("; go there, or give a bundle's folder with --model")


@pytest.mark.slow
def test_the_champion_is_found_from_the_project(
    project: Path, outside: Path, frames: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(project)
    found = run("detect", frames)
    assert found.code == 1
    assert "no model is registered yet" in found.err[0]
    run_ = variant_run(store, "demo", "tophat", "key")
    version = register(store, run_, bundle, {})
    assert "no version is champion yet; `python -m pipelines.promote`" in fails("detect", frames)
    store.client.set_registered_model_alias(MODEL, CHAMPION, version.number)
    ran = run("detect", frames)
    assert (ran.code, ran.err) == (0, [])
    assert ran.out[0].startswith("3 frames, 2 detections: ")
    assert "(model models:/irstd@champion, tophat, operating threshold 0.7, raw scores)" in ran.out[0]
    shutil.copytree(bundle, outside.parent / "shipped")
    assert "(model models:/irstd@champion, " in run("detect", frames).out[0]
    assert run("detect", frames, "--model", f"models:/irstd/{version.number}").code == 0
    assert "unknown; known aliases: champion; known versions: 1" in fails(
        "detect", frames, "--model", "models:/irstd@no"
    )
    assert "no registered model 'other'; known: irstd" in fails("detect", frames, "--model", "models:/other/1")
    monkeypatch.chdir(outside)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{project / 'var/mlflow.db'}")
    assert run("detect", frames).code == 0
    assert not (outside / "var").exists(), "below / it would be the machine's own, and closed to all but root"
