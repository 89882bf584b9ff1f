"""Bundles that are damaged, strange or in the way."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file
from torch import ones

from irstd.errors import DataError, ModelError
from irstd.frames import map_deep, to_8bit
from irstd.labels.calibration import Calibration
from irstd.models.base import Rules
from irstd.models.bundle import Bundle, bundle_files, load_detector, load_files, save_bundle
from irstd.models.folder import bundle_hash, files_hash, read_bundle
from irstd.models.operating_curve import OperatingCurve
from irstd.models.registry import build
from tests.frames.skies import faint_sky

SPIRE = Bundle("spire", {"size": 64}, Rules(threshold=0.25), {"dataset": "demo"}, {"val": {"hse": 51.25}})
TOPHAT = Bundle("tophat", {"kernel": 5}, Rules())


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "spire"
    save_bundle(folder, build("spire", SPIRE.settings), SPIRE)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "spire"
    copy.mkdir()
    for path in original.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    return copy


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change bundle.json as someone would who also knows of its digest."""
    record = json.loads((folder / "bundle.json").read_text())
    del record["digest"]
    change(record)
    text = json.dumps(record, sort_keys=True, indent=2)
    record["digest"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "bundle.json").write_text(json.dumps(record))


def refused(folder: Path, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load_detector(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_same_content_same_bytes_wherever_it_lies(folder: Path, tmp_path: Path) -> None:
    loaded = load_detector(folder)
    detector, bundle = loaded.detector, loaded.bundle
    assert bundle_files(detector, bundle) == read_bundle(folder)
    save_bundle(tmp_path / "elsewhere" / "again", detector, bundle)
    for name in ("bundle.json", "weights.safetensors"):
        assert (tmp_path / "elsewhere" / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert bundle_hash(folder) == bundle_hash(tmp_path / "elsewhere" / "again") == load_detector(folder).hash


def test_the_hash_follows_the_content(folder: Path) -> None:
    before = bundle_hash(folder)
    loaded = load_detector(folder)
    save_bundle(folder, loaded.detector, replace(loaded.bundle, scores={}))
    assert bundle_hash(folder) != before


def test_a_bundle_of_bytes_is_the_one_of_the_folder(folder: Path) -> None:
    files = read_bundle(folder)
    ours, theirs = load_files(files), load_detector(folder)
    assert (ours.bundle, ours.hash) == (theirs.bundle, theirs.hash)
    assert ours.hash == files_hash(files) == bundle_hash(folder)
    frame = np.random.default_rng(0).integers(0, 255, (40, 64), dtype=np.uint8)
    np.testing.assert_array_equal(ours.predict(frame).response, theirs.predict(frame).response)


def test_a_calibration_and_a_curve_are_kept_and_only_where_there_are_any(folder: Path, tmp_path: Path) -> None:
    record = json.loads((folder / "bundle.json").read_text())
    assert not {"calibration", "curve"} & set(record)
    plain = load_detector(folder)
    assert (plain.bundle.calibration, plain.bundle.curve) == (None, None)
    curve = OperatingCurve(4, 16384, 3, (0.9, 0.25), (1, 3), (1, 5))
    bundle = replace(plain.bundle, calibration=Calibration(2.0, 0.5, -1.25), curve=curve)
    save_bundle(tmp_path / "calibrated", plain.detector, bundle)
    assert load_detector(tmp_path / "calibrated").bundle == bundle
    record = json.loads((tmp_path / "calibrated/bundle.json").read_text())
    assert record["calibration"] == {"rise": 2.0, "fall": 0.5, "shift": -1.25}
    assert record["format"] == 2


def test_a_calibration_changes_scores_and_nothing_else() -> None:
    settings, frame = {"half_snr": 3.0}, np.full((48, 64), 40, dtype=np.uint8)
    frame[::2], frame[10:13, 10:13], frame[30:33, 40:43], frame[40:42, 5:7] = 41, 200, 90, 60
    plain, own = Bundle("tophat", settings, Rules(threshold=0.3)), Calibration(0.8, 1.6, -0.5)
    raw = load_files(bundle_files(build("tophat", settings), plain))
    calibrated = load_files(bundle_files(build("tophat", settings), replace(plain, calibration=own)))
    wanted, found = raw(frame), calibrated(frame)
    assert len(wanted) >= 3
    np.testing.assert_array_equal(found.points, wanted.points)
    np.testing.assert_array_equal(found.scores, own(wanted.scores))
    assert calibrated.predict(frame).operating.scores.tolist() == wanted.scores.tolist()


@pytest.mark.parametrize("name", ["bundle.json", "weights.safetensors"])
def test_bytes_without_one_of_the_files(folder: Path, name: str) -> None:
    files = read_bundle(folder)
    del files[name]
    with pytest.raises(ModelError, match=f"^sent: has no {name}"):
        load_files(files, "sent")


def test_the_record_holds_the_whole_settings_and_nothing_of_this_machine(folder: Path) -> None:
    record = json.loads((folder / "bundle.json").read_text())
    assert record["settings"] == {"centre": "quarter", "color": "grey", "size": 64}
    assert record["input"] == {"channels": 3, "color": "grey", "multiple": 1, "size": 64}
    assert str(folder.parent) not in json.dumps(record)


def test_a_filter_has_a_bundle_without_weights(tmp_path: Path) -> None:
    save_bundle(tmp_path / "tophat", build("tophat", TOPHAT.settings), TOPHAT)
    assert [path.name for path in (tmp_path / "tophat").iterdir()] == ["bundle.json"]
    assert load_detector(tmp_path / "tophat").bundle.settings == {"kernel": 5, "half_snr": 40.0}


def test_a_missing_folder(tmp_path: Path) -> None:
    refused(tmp_path / "none", "no such folder")
    with pytest.raises(ModelError, match="no such folder"):
        bundle_hash(tmp_path / "none")


@pytest.mark.parametrize("name", ["bundle.json", "weights.safetensors"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refused(folder, name)


def test_a_newer_format(folder: Path) -> None:
    rewrite(folder, lambda record: record.update(format=3))
    refused(folder, "is of format 3, this irstd reads up to 2; update irstd")


def test_format_1_called_the_detector_variant(folder: Path) -> None:
    rewrite(folder, lambda record: record.update(format=1, variant=record.pop("detector")))
    assert load_detector(folder).bundle.detector == "spire"


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '{"format": "1"}', "\udcff"])
def test_a_record_that_is_none(folder: Path, content: str) -> None:
    (folder / "bundle.json").write_bytes(content.encode(errors="surrogateescape"))
    refused(folder, "is no JSON|names no format")


def test_a_record_changed_by_hand(folder: Path) -> None:
    path = folder / "bundle.json"
    path.write_text(path.read_text().replace('"threshold": 0.25', '"threshold": 0.05'))
    refused(folder, "was changed after it was written")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(detector="yolo"), "unknown detector 'yolo'"),
        (lambda r: r["settings"].update(colour="grey"), r"model\.colour: "),
        (lambda r: r["settings"].update(size=62), r"model\.size: "),
        (lambda r: r["settings"].update(size=128), "written for another input rule than detector spire has now"),
        (lambda r: r["operating"].update(threshold="low"), r"operating\.threshold: .*'low'"),
        (lambda r: r.pop("scores"), "scores is missing or of a wrong type"),
        (lambda r: r.update(detector=["spire"]), "detector is missing or of a wrong type"),
        (lambda r: r.update(weights="0" * 64), "does not belong to the bundle.json beside it"),
    ],
)
def test_a_record_that_cannot_be_used(folder: Path, change: Callable[[dict[str, Any]], object], message: str) -> None:
    rewrite(folder, change)
    refused(folder, message)


@pytest.mark.parametrize("length", [0, 7, 1000, -4])
def test_truncated_weights(folder: Path, length: int) -> None:
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    refused(folder, "is cut short or damaged")


def test_weights_of_another_network(folder: Path) -> None:
    path = folder / "weights.safetensors"
    state = load_file(path)
    bias = state.pop("network.head.bias")
    save_file(state, path)
    refused(folder, r"lacks network\.head\.bias; these are weights of another network")
    save_file(state | {"network.head.bias": bias, "extra": ones(1)}, path)
    refused(folder, "has unknown extra; these are weights of another network")
    save_file(state | {"network.head.bias": ones(2)}, path)
    refused(folder, r"network\.head\.bias is float32 \(2,\), expected float32 \(1,\)")
    save_file(state | {"network.head.bias": bias + 1}, path)
    refused(folder, "does not belong to the bundle.json beside it")


def test_a_failed_write_leaves_the_good_bundle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundle_hash(folder)
    rename = Path.rename

    def full_disk(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full_disk)
    with pytest.raises(DataError, match=r"cannot be written \(No space left on device\)"):
        save_bundle(folder, build("spire", SPIRE.settings), SPIRE)
    assert bundle_hash(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_what_is_no_bundle_is_not_replaced(folder: Path, tmp_path: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match=r"holds notes\.txt, which is no part of a model bundle"):
        save_bundle(folder, build("spire", SPIRE.settings), SPIRE)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError, match="is a file; a model bundle is a folder"):
        save_bundle(tmp_path / "file", build("spire", SPIRE.settings), SPIRE)


def test_a_detector_that_is_not_the_bundles_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="bundle of spire: "):
        save_bundle(tmp_path / "a", build("spire", {"size": 128}), SPIRE)
    with pytest.raises(ModelError, match="bundle of spire: "):
        save_bundle(tmp_path / "a", build("tophat", {}), SPIRE)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("value", [float("nan"), np.float32(1.0), Path("here")])
def test_values_that_are_not_plain_are_not_written(tmp_path: Path, value: object) -> None:
    with pytest.raises(ModelError, match="a value of the bundle is not plain JSON"):
        save_bundle(tmp_path / "a", build("tophat", TOPHAT.settings), replace(TOPHAT, scores={"hse": value}))
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (np.zeros((8, 8), dtype=np.float32), r"uint8 or uint16.*got float32 \(8, 8\)"),
        (np.zeros((3, 8, 8), dtype=np.uint8), r"\(H, W\) or \(H, W, 3\).*got uint8 \(3, 8, 8\)"),
        (np.zeros((0, 8), dtype=np.uint8), r"not empty, got uint8 \(0, 8\)"),
        ("frame.png", "a frame must be an array, got str"),
    ],
)
def test_what_is_no_frame_is_refused(folder: Path, frame: Any, message: str) -> None:
    loaded = load_detector(folder)
    with pytest.raises(DataError, match=message):
        loaded(frame)
    with pytest.raises(DataError, match=message):
        loaded.predict(frame)


def deep_of(folder: Path) -> object:
    return json.loads((folder / "bundle.json").read_text())["input"].get("deep")


def test_a_bundle_says_how_it_reads_deep_frames_and_one_that_does_not_stretches_them(tmp_path: Path) -> None:
    sky = faint_sky().deep
    detector = build("tophat", TOPHAT.settings)
    save_bundle(tmp_path / "local", detector, TOPHAT)
    detector.input = replace(detector.input, deep="stretch")
    save_bundle(tmp_path / "older", detector, TOPHAT)
    assert (deep_of(tmp_path / "local"), deep_of(tmp_path / "older")) == ("local", None)
    local, older = (load_detector(tmp_path / name) for name in ("local", "older"))
    assert (local.detector.input.deep, older.detector.input.deep) == ("local", "stretch")
    np.testing.assert_array_equal(local.predict(sky).response, local.predict(map_deep(sky)).response)
    np.testing.assert_array_equal(older.predict(sky).response, older.predict(to_8bit(sky)).response)


@pytest.mark.parametrize("deep", ["stretched", 1, None, ["local"], "stretch"])
def test_a_reading_of_deep_frames_that_is_unknown_is_refused(folder: Path, deep: object) -> None:
    rewrite(folder, lambda record: record["input"].update(deep=deep))
    refused(folder, "written for another input rule")
