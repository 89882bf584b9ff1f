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
from irstd.labels.calibration import Calibration
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.operating_curve import OperatingCurve
from irstd.models.registry import build
from irstd.tracking import CHAMPION, MODEL
from irstd.tracking.registering import register
from irstd.tracking.runs import variant_run
from irstd.tracking.store import open_store
from tests.cli.running import fails, run
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


def test_a_threshold_of_ones_own(outside: Path, frames: Path, bundle: Path) -> None:
    low = run("detect", frames, "--model", bundle, "--threshold", "0.1", "--no-overlays")
    assert (low.code, low.err) == (0, [])
    assert low.out[0].endswith(
        f" detections: detections/detections.csv (model {bundle}, tophat, threshold 0.1, raw scores)"
    )
    table = pd.read_csv(outside / "detections/detections.csv")
    assert 0.1 <= table["score"].min() < 0.7
    wanted = irstd.load(bundle).predict(read_image(frames / "day.png")).detections
    own = table[table["frame"] == "day.png"]
    assert own[["x", "y"]].to_numpy() == pytest.approx(wanted.points, abs=5e-4)
    assert own["score"].to_numpy() == pytest.approx(wanted.scores, abs=5e-5)


def test_a_threshold_of_ones_own_leaves_out_the_other_rules(outside: Path, tmp_path: Path) -> None:
    image = np.full((48, 64), 40, dtype=np.uint8)
    image[::2] += 1
    image[10:13, 10:13], image[30:33, 40:43] = 200, 90
    write_png(tmp_path / "two.png", image)
    rules = {"one": Rules(threshold=0.1, most=1), "near": Rules(threshold=0.1, value_range=0.001)}
    for name, rule in rules.items():
        save_bundle(tmp_path / name, build("tophat", {}), Bundle("tophat", {}, rule))
        for options, wanted in (((), 1), (("--threshold", "0.1"), 2)):
            run("detect", tmp_path / "two.png", "--model", tmp_path / name, "--no-overlays", *options)
            assert len(pd.read_csv(outside / "detections/detections.csv")) == wanted


def test_a_threshold_outside_its_range(outside: Path, frames: Path, bundle: Path) -> None:
    for value in ("0", "1.5", "-0.1", "nan"):
        said = fails("detect", frames, "--model", bundle, "--threshold", value, code=2)
        assert said.startswith(f"error: Invalid value for '--threshold': must lie in (0, 1], got {value};")
    assert not (outside / "detections").exists()


CURVE = OperatingCurve(
    frames=8, pixels=24_576, targets=4, thresholds=(0.95, 0.8, 0.6, 0.3), hits=(1, 3, 4, 4), found=(1, 4, 6, 30)
)


@pytest.fixture
def calibrated(tmp_path: Path) -> Path:
    """The bundle of `bundle`, calibrated and with a curve."""
    settings = {"half_snr": 3.0}
    more = Bundle("tophat", settings, Rules(threshold=0.7), calibration=Calibration(1.2, 0.8, -1.0), curve=CURVE)
    save_bundle(tmp_path / "calibrated", build("tophat", settings), more)
    return tmp_path / "calibrated"


def written(outside: Path) -> pd.DataFrame:
    return pd.read_csv(outside / "detections/detections.csv")


def test_a_calibrated_bundle_writes_probabilities_of_the_same_detections(
    outside: Path, frames: Path, bundle: Path, calibrated: Path
) -> None:
    run("detect", frames, "--model", bundle, "--no-overlays")
    wanted, own = written(outside), Calibration(1.2, 0.8, -1.0)
    ran = run("detect", frames, "--model", calibrated, "--no-overlays")
    least = float(own(0.7))
    assert ran.out[0].endswith(f"tophat, operating threshold {least:.4g}, scores are probabilities)")
    found = written(outside)
    assert found[["frame", "x", "y"]].equals(wanted[["frame", "x", "y"]])
    assert found["score"].to_numpy() == pytest.approx(own(wanted["score"].to_numpy()), abs=2e-4)
    assert (found["score"] >= least).all()
    ran = run("detect", frames, "--model", calibrated, "--no-overlays", "--raw")
    assert ran.out[0].endswith("tophat, operating threshold 0.7, raw scores)")
    assert written(outside).equals(wanted)


def test_a_threshold_is_in_the_unit_of_the_scores(outside: Path, frames: Path, bundle: Path, calibrated: Path) -> None:
    own = Calibration(1.2, 0.8, -1.0)
    for score in ("0.1", "0.45", "0.7"):
        run("detect", frames, "--model", bundle, "--no-overlays", "--threshold", score)
        wanted = written(outside)
        run("detect", frames, "--model", calibrated, "--no-overlays", "--threshold", str(float(own(float(score)))))
        assert written(outside)[["frame", "x", "y"]].equals(wanted[["frame", "x", "y"]])
        run("detect", frames, "--model", calibrated, "--no-overlays", "--threshold", score, "--raw")
        assert written(outside).equals(wanted)
    least, most = own.reach
    said = fails("detect", frames, "--model", calibrated, "--threshold", "0.999")
    assert f"they lie from {least:.4g} to {most:.4g};" in said


@pytest.mark.parametrize(
    ("option", "threshold", "figures"),
    [
        (("--precision", "0.7"), 0.8, "precision 0.75, 0.125 false alarms a frame of 0.0031 Mpx (40.7 a Mpx)"),
        (("--false-alarms-per-frame", "0.3"), 0.6, "precision 0.667, 0.25 false alarms a frame of 0.0031 Mpx"),
        (("--false-alarms-per-frame", "0"), 0.95, "precision 1, 0 false alarms a frame of 0.0031 Mpx (0 a Mpx)"),
    ],
)
def test_an_operating_point_of_validation(  # noqa: PLR0917 - three fixtures
    outside: Path, frames: Path, calibrated: Path, option: tuple[str, str], threshold: float, figures: str
) -> None:
    ran = run("detect", frames, "--model", calibrated, "--no-overlays", "--raw", *option)
    assert (ran.code, ran.err) == (0, [])
    assert f"threshold {threshold:.4g}, on validation {figures}" in ran.out[0]
    found = written(outside)
    run("detect", frames, "--model", calibrated, "--no-overlays", "--raw", "--threshold", str(threshold))
    assert written(outside).equals(found)


def test_operating_points_that_are_not_there(outside: Path, frames: Path, bundle: Path, calibrated: Path) -> None:
    said = fails("detect", frames, "--model", bundle, "--precision", "0.9")
    assert said.startswith(f"error: {bundle}: keeps no curve of operating points")
    early = OperatingCurve(8, 24_576, 4, (0.95, 0.8), (0, 3), (1, 4))
    save_bundle(calibrated, build("tophat", {}), Bundle("tophat", {}, Rules(), curve=early))
    for option, values in (("--precision", "give 0 to 0.75"), ("--false-alarms-per-frame", "give 0.125 to 0.125")):
        said = fails("detect", frames, "--model", calibrated, option, "0.8" if option == "--precision" else "0.1")
        assert values in said
        assert "thresholds from 0.95 to 0.8" in said
    assert not (outside / "detections").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--precision", "0"), "error: Invalid value for '--precision': must lie in (0, 1], got 0;"),
        (("--false-alarms-per-frame", "-1"), "error: Invalid value for '--false-alarms-per-frame': must lie in [0, "),
        (
            ("--precision", "0.9", "--threshold", "0.5"),
            "error: Invalid value: give one of --threshold, --precision and",
        ),
    ],
)
def test_options_of_operating_points_that_make_no_sense(
    frames: Path, bundle: Path, options: tuple[str, ...], said: str
) -> None:
    assert fails("detect", frames, "--model", bundle, *options, code=2).startswith(said)


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
    "empty": "error: empty: no image in this folder or below; looked for .png, .tif",
    "notes.txt": "error: notes.txt: is no image by its name; frames are .png, .tif",
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
