"""Frames and masks in folders."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.curation.importers import import_dataset
from irstd.curation.importers.folders import image_files
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError
from irstd.frames import Frame, read_image
from tests.curation.importers.published import basic_irstd, dnanet, irstd_1k, write_image
from tests.datasets.build import samples


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ".tiff", ".PNG", ".pgm"])
def test_any_lossless_format_keeps_its_pixels(tmp_path: Path, suffix: str) -> None:
    source = basic_irstd(tmp_path / "published")
    frame = samples()["a"].frame
    (source / "images/a.png").unlink()
    write_image(source / f"images/a{suffix}", frame)
    np.testing.assert_array_equal(CanonicalDataset.open(import_dataset(source, tmp_path, "mine")).frame("a"), frame)


def test_a_jpeg_is_what_it_decodes_to(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    (source / "images/a.png").unlink()
    write_image(source / "images/a.jpg", samples()["a"].frame)
    frame = CanonicalDataset.open(import_dataset(source, tmp_path, "mine")).frame("a")
    np.testing.assert_array_equal(frame, read_image(source / "images/a.jpg"))


def test_an_opaque_alpha_is_dropped_and_16_bit_kept(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    rng = np.random.default_rng(1)
    frames: dict[str, Frame] = {
        "a": rng.integers(0, 256, (24, 32, 4), dtype=np.uint8),
        "b": rng.integers(0, 65536, (24, 32, 3), dtype=np.uint16),
    }
    frames["a"][..., 3] = 255
    for name, frame in frames.items():
        cv2.imwrite(str(source / f"images/{name}.png"), frame)  # blue first
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    np.testing.assert_array_equal(dataset.frame("a"), frames["a"][..., 2::-1])
    np.testing.assert_array_equal(dataset.frame("b"), frames["b"][..., ::-1])


def test_any_nonzero_pixel_of_a_mask_is_target(tmp_path: Path) -> None:
    source = irstd_1k(tmp_path / "published")
    mask = np.zeros((24, 32), dtype=np.uint8)
    mask[3, 4:7] = (1, 128, 255)
    write_image(source / "IRSTD1k_Label/a.png", mask)
    sample = CanonicalDataset.open(import_dataset(source, tmp_path, "mine")).sample("a")
    assert sample.mask is not None
    np.testing.assert_array_equal(sample.mask, mask > 0)
    np.testing.assert_allclose(sample.points, [(5.0, 3.0)])
    # What is lost is told: by dataset.json, and by the audit.
    assert json.loads((tmp_path / "mine/dataset.json").read_text())["soft_masks"] == ["a"]
    assert [
        (each.rule, each.names) for each in check_dataset(tmp_path / "mine").warnings if each.rule == "soft-mask"
    ] == [("soft-mask", ("a",))]


def test_a_mask_may_be_called_so_or_so(tmp_path: Path) -> None:
    source = dnanet(tmp_path / "published")
    (source / "masks/b_pixels0.png").rename(source / "masks/b.png")
    write_image(source / "masks/c.png", np.zeros((24, 32), dtype=np.uint8))  # the exact name goes first
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    np.testing.assert_allclose(dataset.sample("b").points, samples()["b"].points)
    assert len(dataset.sample("c").points) == 0


def test_other_files_are_no_frames(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", samples()["a"].frame)
    for name in ("._a.png", ".DS_Store", "notes.txt", "Thumbs.db"):
        (tmp_path / name).write_text("x")
    assert image_files(tmp_path) == {"a": tmp_path / "a.png"}


def test_what_is_wrong_with_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder; the download is incomplete"):
        image_files(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"no images; looked for .png, .tif"):
        image_files(tmp_path)
    for suffix in (".bmp", ".png"):
        write_image(tmp_path / f"a{suffix}", samples()["a"].frame)
    with pytest.raises(DataError, match=r"a.png: a.bmp has the same name"):
        image_files(tmp_path)


def test_a_frame_whose_name_is_none(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    for folder in ("images", "masks"):
        (source / folder / "d.png").rename(source / folder / "d .png")
    (source / "img_idx/test_NUDT-SIRST.txt").write_text("d .png\n")
    with pytest.raises(DataError, match="mine: 'd ' cannot name a frame's file"):
        import_dataset(source, tmp_path, "mine")


@pytest.mark.parametrize("mark", ["_mask", "_gt", "_GT", "-mask", "_label"])
def test_marks_of_masks(tmp_path: Path, mark: str) -> None:
    source = basic_irstd(tmp_path / "published")
    for path in sorted((source / "masks").glob("*.png")):
        path.rename(path.with_name(f"{path.stem}{mark}.png"))
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    np.testing.assert_allclose(dataset.sample("a").points, samples()["a"].points)


def test_masks_of_other_names_are_told_as_such(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    for path in sorted((source / "masks").glob("*.png")):
        path.rename(path.with_name(f"seg_{path.name}"))
    with pytest.raises(DataError, match=r"no mask for frame '.' \(4 missing of 4\); a mask has.*seg_a"):
        import_dataset(source, tmp_path, "mine")


def test_images_in_subfolders_are_called_by_both_names(tmp_path: Path) -> None:
    source = basic_irstd(tmp_path / "published")
    for part in ("images", "masks"):
        for name in "abcd":
            target = source / part / ("night" if name in "ab" else "day/1") / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            (source / part / f"{name}.png").rename(target)
    for line in ("images/day/1/d.png", "day_1_d", "d.jpg masks/d_mask.png"):
        (source / "img_idx/train_NUDT-SIRST.txt").write_text("night/a.png\nnight\\b.png\nimages/day/1/c.png\n")
        (source / "img_idx/test_NUDT-SIRST.txt").write_text(f"{line}\n".replace("d.jpg", "day/1/d.jpg"))
        dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine", replace=True))
        assert dataset.names == ("day_1_c", "day_1_d", "night_a", "night_b")
        assert dataset.splits["test"] == ("day_1_d",)
    np.testing.assert_allclose(dataset.sample("night_a").points, samples()["a"].points)
