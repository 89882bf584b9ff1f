"""`irstd detect` at the operating point that a user asks for, and the unit of its scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import irstd
from irstd.frames import read_image, write_png
from irstd.labels.calibration import Calibration
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, save_bundle
from irstd.models.operating_curve import OperatingCurve
from irstd.models.registry import build
from tests.cli.running import fails, run


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
