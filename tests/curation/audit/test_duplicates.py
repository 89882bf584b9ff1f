"""Leaks between splits."""

from pathlib import Path

import numpy as np

from irstd.curation.audit.audit import check_dataset
from irstd.curation.audit.record import write_audit
from irstd.datasets.prepared import read_near_duplicates
from irstd.frames import read_image, write_png
from tests.curation.audit.build import SIZE, of_rule, picture, sound
from tests.datasets.build import block_mask


def liken(folder: Path, name: str, to: str, seed: int) -> None:
    """Make the frame `name` nearly the frame `to`."""
    frame = np.asarray(read_image(folder / f"images/{to}.png"), dtype=np.uint8)
    write_png(folder / f"images/{name}.png", frame + (picture(seed) > 80))


def test_pairs_say_what_is_scored_first(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    liken(folder, "c", to="a", seed=7)
    liken(folder, "e", to="a", seed=8)
    audit = check_dataset(folder)
    pairs = [(pair.split, pair.frame, pair.other_split, pair.other) for pair in audit.near_duplicates]
    assert pairs == [("test", "e", "train", "a"), ("test", "e", "val", "c"), ("val", "c", "train", "a")]
    assert all(0.99 < pair.correlation < 1.0 for pair in audit.near_duplicates)
    assert [(finding.rule, finding.names) for finding in audit.findings] == [
        ("near-duplicates", ("e",)),
        ("near-duplicates", ("e",)),
        ("near-duplicates", ("c",)),
    ]
    assert audit.findings[1].message == (
        "images: 1 of 2 test frames correlate above 0.99 with a frame of val; test figures are given without them too"
    )
    assert audit.findings[2].message == (
        "images: 1 of 1 val frame correlate above 0.99 with a frame of train; they flatter model selection"
    )


def test_duplicates_within_a_split_are_none(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    write_png(folder / "images/b.png", read_image(folder / "images/a.png"))
    liken(folder, "e", to="d", seed=7)
    assert check_dataset(folder).findings == ()


def test_equal_pixels_under_two_names_are_no_near_duplicates(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    for name in ("b", "c", "d"):
        write_png(folder / f"images/{name}.png", read_image(folder / "images/a.png"))
    audit = check_dataset(folder)
    assert audit.near_duplicates == ()
    finding = of_rule(audit, "exact-duplicates")
    assert finding.names == ("a", "b", "c", "d")
    assert "1 picture in more than one split, such as d (test) and a (train) and c (val)" in finding.message


def test_frames_that_cannot_be_read_are_like_none(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    for name in ("a", "d"):
        (folder / f"images/{name}.png").write_bytes(b"")
    assert [finding.rule for finding in check_dataset(folder).findings] == ["unreadable-frame"]


def test_a_scene_whose_target_moves_is_found(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    sky = np.tile(np.linspace(40, 60, SIZE[1]), (SIZE[0], 1))
    for name, column in (("b", 6), ("e", 38)):
        mask = block_mask((column, 18, 4), size=SIZE)
        write_png(folder / f"images/{name}.png", np.where(mask, 200, sky).astype(np.uint8))
        write_png(folder / f"masks/{name}.png", np.where(mask, np.uint8(255), np.uint8(0)))
    audit = check_dataset(folder)
    finding = of_rule(audit, "near-duplicates")
    assert (finding.severity, finding.names) == ("warning", ("e",))
    write_audit(tmp_path / "audit", audit)
    assert read_near_duplicates(tmp_path / "audit") == {"e"}  # which test figures leave out
