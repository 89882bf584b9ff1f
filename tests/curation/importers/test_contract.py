"""The contract of every layout."""

from pathlib import Path

import numpy as np
import pytest

from irstd.curation.importers import LAYOUTS, detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.datasets.fingerprint import fingerprint
from irstd.errors import DataError
from irstd.frames import read_image
from tests.curation.importers.published import CASES, names_of
from tests.datasets.build import samples

layouts = pytest.mark.parametrize("layout", CASES)


def test_every_layout_is_tested() -> None:
    assert {*CASES, "boxes"} == set(LAYOUTS)  # boxes are no labels unless asked for: test_boxes.py


@layouts
def test_it_is_recognised_by_its_files(tmp_path: Path, layout: str) -> None:
    assert detect_layout(CASES[layout].build(tmp_path / "published")) == layout


@layouts
def test_frames_and_labels_stay_as_they_are(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    before = fingerprint(source)
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path / "raw", "mine"))
    assert dataset.folder == tmp_path / "raw/mine"
    assert dataset.names == tuple(samples())
    assert dataset.has_masks == CASES[layout].with_masks
    for name, expected in samples().items():
        got = dataset.sample(name)
        assert got.frame.dtype == expected.frame.dtype
        np.testing.assert_array_equal(got.frame, expected.frame)
        np.testing.assert_allclose(got.points, expected.points)
        if dataset.has_masks:
            np.testing.assert_array_equal(got.mask, expected.mask)
            assert set(np.unique(read_image(dataset.folder / f"masks/{name}.png"))) <= {0, 255}
    assert fingerprint(source) == before


@layouts
def test_official_splits_stay_and_val_is_carved_where_there_is_none(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path / "raw", "mine", seed=3))
    splits = dataset.splits
    assert splits["test"] == tuple(names_of("test"))
    if CASES[layout].with_val:
        assert (splits["train"], splits["val"]) == (tuple(names_of("train")), tuple(names_of("val")))
        assert dataset.info.splits == "official"
    else:
        assert len(splits["val"]) == 1
        assert splits["train"] == tuple(name for name in names_of("train", "val") if name not in splits["val"])
        assert dataset.info.splits == "train, test: official; val: carved, 1 of 3 train frames, seed 3"


@layouts
def test_it_can_be_named(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    import_dataset(source, tmp_path / "raw", "named", layout=layout)
    import_dataset(source, tmp_path / "raw", "told")
    assert fingerprint(tmp_path / "raw/named/images") == fingerprint(tmp_path / "raw/told/images")
    assert fingerprint(tmp_path / "raw/named/splits") == fingerprint(tmp_path / "raw/told/splits")


@layouts
def test_another_folder_is_refused_with_what_it_lacks(tmp_path: Path, layout: str) -> None:
    with pytest.raises(DataError, match=f"is not of layout {layout}, .*: no "):
        import_dataset(tmp_path, tmp_path, "mine", layout=layout)


@layouts
def test_a_fault_in_a_frame_leaves_nothing(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    frame = next(path for path in sorted(source.rglob("d.png")))
    frame.write_bytes(b"no image")
    with pytest.raises(DataError, match=r"d.png: no image that OpenCV can read \(8 bytes\)"):
        import_dataset(source, tmp_path / "raw", "mine")
    assert not list((tmp_path / "raw").iterdir())


@layouts
def test_a_missing_frame_is_named(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    next(path for path in sorted(source.rglob("d.png")) if "label" not in str(path).lower()).unlink()
    with pytest.raises(DataError, match=r"frame 'd' is not (there|in images)|image 'd.png' is not in") as caught:
        import_dataset(source, tmp_path / "raw", "mine")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize("layout", [layout for layout, case in CASES.items() if case.with_masks])
def test_a_mask_of_another_size_is_named(tmp_path: Path, layout: str) -> None:
    source = CASES[layout].build(tmp_path / "published")
    masks = sorted(path for path in source.rglob("*.png") if path.parent.name in ("masks", "IRSTD1k_Label"))
    masks[0].write_bytes(masks[3].read_bytes())
    with pytest.raises(DataError, match="frame 'a': the mask is 20×16 px, the frame 32×24 px"):
        import_dataset(source, tmp_path / "raw", "mine")
    masks[0].unlink()
    with pytest.raises(
        DataError, match=r"no mask for frame 'a' \(1 missing of \d\); a frame without target has an all-black"
    ):
        import_dataset(source, tmp_path / "raw", "mine")
