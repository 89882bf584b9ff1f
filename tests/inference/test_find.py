import os
from pathlib import Path

import pytest

from irstd.errors import DataError
from irstd.inference import find_frames


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def names(*paths: str | Path, out: Path | None = None) -> list[str]:
    return [frame.name for frame in find_frames(paths, out)]


def test_a_folder_stands_for_every_image_below_it_sorted(tmp_path: Path) -> None:
    make(tmp_path, "b.png", "a.TIF", "day 1/x.jpg", "day 1/deep/x.pgm", "notes.txt", "day 1/labels.csv")
    assert names(tmp_path) == ["a.TIF", "b.png", "day 1/deep/x.pgm", "day 1/x.jpg"]
    assert find_frames([tmp_path])[0].path == tmp_path / "a.TIF"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "._a.png", ".cache/b.png")
    assert names(tmp_path) == ["a.png"]


def test_links_are_followed_and_named_by_the_link(tmp_path: Path) -> None:
    make(tmp_path, "store/one.png", "store/night/two.png", "frames/own.png")
    (tmp_path / "frames/linked.png").symlink_to(tmp_path / "store/one.png")
    (tmp_path / "frames/all").symlink_to(tmp_path / "store", target_is_directory=True)
    (tmp_path / "link").symlink_to(tmp_path / "frames", target_is_directory=True)
    expected = ["all/night/two.png", "all/one.png", "linked.png", "own.png"]
    assert names(tmp_path / "frames") == expected
    assert names(tmp_path / "link") == expected


def test_a_link_back_is_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "frames/a.png", "frames/sub/b.png")
    (tmp_path / "frames/sub/up").symlink_to(tmp_path / "frames", target_is_directory=True)
    (tmp_path / "frames/itself").symlink_to(tmp_path / "frames", target_is_directory=True)
    assert names(tmp_path / "frames") == ["a.png", "sub/b.png"]
    assert names(tmp_path / "frames/**/*.png") == ["a.png", "sub/b.png"]
    assert names(tmp_path / "frames/**") == ["a.png", "sub/b.png"]
    assert names(tmp_path / "frames/*") == ["a.png", "sub/b.png"]


def test_a_broken_link_is_a_frame_that_reading_will_name(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert names(tmp_path) == ["gone.png"]
    assert names(tmp_path / "gone.png") == ["gone.png"]


def test_a_file_is_called_by_its_own_name(tmp_path: Path) -> None:
    make(tmp_path, "day/a.png")
    assert find_frames([tmp_path / "day/a.png"]) == [("a.png", tmp_path / "day/a.png")]


PATTERNS = {
    "*.png": ["a.png"],
    "*": ["a.png", "b.tif", "d1/c.png", "d1/e/f.png", "d2/c.png"],
    "d?": ["d1/c.png", "d1/e/f.png", "d2/c.png"],
    "d*/c.png": ["d1/c.png", "d2/c.png"],
    "d[2-9]/*.png": ["d2/c.png"],
    "**/*.png": ["a.png", "d1/c.png", "d1/e/f.png", "d2/c.png"],
    "**": ["a.png", "b.tif", "d1/c.png", "d1/e/f.png", "d2/c.png"],
    "**/e/**/*.png": ["d1/e/f.png"],
    "d1/../d*/c.png": ["d1/c.png", "d2/c.png"],
    "d*/../a.png": ["a.png"],
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_name_frames_from_their_first_wildcard(tmp_path: Path, pattern: str) -> None:
    make(tmp_path, "a.png", "b.tif", "d1/c.png", "d1/e/f.png", "d2/c.png", "notes.txt", ".hidden/g.png")
    assert names(tmp_path / pattern) == PATTERNS[pattern]


def test_a_pattern_relative_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "day/a.png", "day/b.png")
    monkeypatch.chdir(tmp_path)
    assert names("day/*.png") == ["a.png", "b.png"]
    assert names("*/a.png") == ["day/a.png"]
    assert names("*/a.png", "day") == ["day/a.png", "b.png"]
    assert names(".") == ["day/a.png", "day/b.png"]


def test_what_exists_under_that_very_name_is_no_pattern(tmp_path: Path) -> None:
    make(tmp_path, "a[1].png", "a1.png")
    assert names(tmp_path / "a[1].png") == ["a[1].png"]


def test_each_frame_comes_once(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "b.png")
    assert names(tmp_path / "b.png", tmp_path, tmp_path / "*.png") == ["b.png", "a.png"]


def test_frames_that_would_be_called_the_same_are_called_from_their_common_folder(tmp_path: Path) -> None:
    make(tmp_path, "x/day/a.png", "y/day/a.png", "y/day/b.png")
    assert names(tmp_path / "x/day", tmp_path / "y/day") == ["x/day/a.png", "y/day/a.png", "y/day/b.png"]
    assert names(tmp_path / "x/day/a.png", tmp_path / "y/day/b.png") == ["a.png", "b.png"]


def test_pictures_of_earlier_runs_are_no_frames(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "first/overlays/a.png", "first/detections.csv", "out/overlays/a.png", "overlays/b.png")
    assert names(tmp_path, out=tmp_path / "out") == ["a.png", "overlays/b.png"]
    assert names(tmp_path / "**/*.png", out=tmp_path / "out") == ["a.png", "overlays/b.png"]
    assert names(tmp_path / "first/overlays") == ["a.png"]
    assert names(tmp_path / "first/overlays/*.png") == ["a.png"]


def test_results_may_lie_behind_a_link(tmp_path: Path) -> None:
    make(tmp_path, "frames/a.png", "frames/out/overlays/a.png")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "frames/out", target_is_directory=True)
    assert names(tmp_path / "frames", out=tmp_path / "elsewhere") == ["a.png"]


FAULTS = {
    "missing": "missing: no such file or folder; check the path",
    "missing/*.png": "missing/*.png: nothing matches this pattern; looked for .png, .tif",
    "empty": "empty: no image in this folder or below; looked for .png, .tif",
    "notes.txt": "notes.txt: is no image by its name; frames are .png, .tif",
    "*.bmp": r"*.bmp: nothing matches this pattern; looked for .png",
    "*.txt": r"*.txt: none of its 1 matches is an image; looked for .png",
    "": "'': no such file or folder",
}


@pytest.mark.parametrize("path", FAULTS)
def test_paths_without_frames_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    make(tmp_path, "notes.txt", "empty/.hidden.png")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as fault:
        find_frames([path])
    assert str(fault.value).startswith(FAULTS[path])


def test_no_path_at_all() -> None:
    with pytest.raises(DataError, match="no frames: give at least one image, folder or pattern"):
        find_frames([])


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "frames/a.png")

    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", os.fspath(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(DataError, match=r"frames: cannot be read \(Permission denied\)"):
        find_frames([tmp_path / "frames"])
