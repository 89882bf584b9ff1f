import errno
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.errors import DataError, ModelError
from irstd.frames import Frame, read_image, write_png
from irstd.inference import DetectOptions, FrameFile, detect_frames, find_frames
from irstd.inference.results import overlay_names
from irstd.labels.detections import Detections


def brightest(frame: Frame) -> Detections:
    """Stands for a detector: the brightest pixel, a hair to the left, where it is bright at all."""
    if frame.max() < 100:
        return Detections.none()
    y, x = np.unravel_index(int(frame.argmax()), frame.shape)
    return Detections(points=np.array([[x - 0.0004, y + 0.25]]), scores=np.array([0.98765]))


def make_frame(path: Path, x: int | None, *, deep: bool = False) -> None:
    frame: Frame = np.full((40, 50), 20, dtype=np.uint8)
    if deep:
        frame = frame.astype(np.uint16)
    if x is not None:
        frame[7, x] = 200
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, frame)


def test_a_row_a_detection_and_a_picture_a_frame(tmp_path: Path) -> None:
    make_frame(tmp_path / "in/a.png", 30)
    make_frame(tmp_path / "in/night, late/b.png", 0, deep=True)
    make_frame(tmp_path / "in/none.png", None)
    told: list[tuple[int, int | None]] = []
    out = tmp_path / "results/here"
    done = detect_frames(brightest, find_frames([tmp_path / "in"]), out, lambda n, of: told.append((n, of)))
    assert (out / "detections.csv").read_bytes() == (
        b'frame,x,y,score\na.png,30.000,7.250,0.9877\n"night, late/b.png",0.000,7.250,0.9877\n'
    )
    assert (done.frames, done.detections, done.failures) == (3, 2, ())
    assert (done.table, done.overlays) == (out / "detections.csv", out / "overlays")
    assert told == [(1, 3), (2, 3), (3, 3)]
    pictures = sorted(path.relative_to(out / "overlays").as_posix() for path in out.rglob("*.png"))
    assert pictures == ["a.png", "night, late/b.png", "none.png"]
    height, width, _ = read_image(out / "overlays/a.png").shape
    assert (height > 40 * 11, width) == (True, 50 * 11)  # enlarged by 11, with a legend below


def test_the_header_stands_even_where_nothing_is_found(tmp_path: Path) -> None:
    make_frame(tmp_path / "none.png", None)
    done = detect_frames(
        brightest, find_frames([tmp_path / "none.png"]), tmp_path / "out", options=DetectOptions(overlays=False)
    )
    assert (tmp_path / "out/detections.csv").read_text() == "frame,x,y,score\n"
    assert done.overlays is None
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["detections.csv"]


def test_a_second_run_into_the_input_folder_gives_the_same(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)
    tables = []
    for _ in range(2):
        detect_frames(brightest, find_frames([tmp_path], tmp_path), tmp_path)
        tables.append((tmp_path / "detections.csv").read_bytes())
    assert tables[0] == tables[1] == b"frame,x,y,score\na.png,30.000,7.250,0.9877\n"


def test_a_bad_frame_is_named_and_the_others_are_done(tmp_path: Path) -> None:
    make_frame(tmp_path / "in/a.png", 30)
    (tmp_path / "in/broken.png").write_text("no image")
    (tmp_path / "in/gone.png").symlink_to(tmp_path / "nowhere.png")
    make_frame(tmp_path / "in/z.png", 31)
    done = detect_frames(brightest, find_frames([tmp_path / "in"]), tmp_path / "out")
    assert (done.frames, done.detections) == (2, 2)
    assert len(done.failures) == 2
    assert re.search(r"broken\.png: no image that OpenCV can read", done.failures[0])
    assert re.search(r"gone\.png: cannot be read \(No such file or directory\)", done.failures[1])
    table = (tmp_path / "out/detections.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in table] == ["frame", "a.png", "z.png"]


def test_a_frame_that_the_detector_refuses_is_named(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)

    def refuse(frame: Frame) -> Detections:
        raise ModelError("needs 64 px")

    done = detect_frames(refuse, find_frames([tmp_path]), tmp_path / "out")
    assert done.failures == (f"{tmp_path / 'a.png'}: cannot be searched: needs 64 px",)


@pytest.mark.parametrize("fault", [MemoryError(), RuntimeError("not enough\nmemory"), KeyError("x"), RecursionError()])
def test_whatever_a_frame_does_to_the_detector_the_others_are_done(tmp_path: Path, fault: Exception) -> None:
    for name, x in (("a", 30), ("b", 31), ("c", 32)):
        make_frame(tmp_path / f"{name}.png", x)

    def find(frame: Frame) -> Detections:
        if frame[7, 31] == 200:
            raise fault
        return brightest(frame)

    done = detect_frames(find, find_frames([tmp_path]), tmp_path / "out")
    assert (done.frames, done.detections, len(done.failures)) == (2, 2, 1)
    assert done.failures[0].startswith(f"{tmp_path / 'b.png'}: cannot be searched: {type(fault).__name__}")
    assert "\n" not in done.failures[0]
    assert sorted(path.name for path in (tmp_path / "out/overlays").iterdir()) == ["a.png", "c.png"]


def test_what_is_no_regular_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    make_frame(tmp_path / "in/a.png", 30)
    os.mkfifo(tmp_path / "in/fifo.png")
    (tmp_path / "in/device.png").symlink_to("/dev/zero")
    done = detect_frames(brightest, find_frames([tmp_path / "in"]), tmp_path / "out")
    assert (done.frames, done.detections) == (1, 1)
    assert [Path(line.split(":")[0]).name for line in done.failures] == ["device.png", "fifo.png"]
    alone = detect_frames(brightest, find_frames([tmp_path / "in/fifo.png"]), tmp_path / "out")
    assert (alone.frames, len(alone.failures)) == (0, 1)


def test_a_picture_that_cannot_be_written_leaves_its_frame_in_the_table(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)
    (tmp_path / "in").mkdir()
    for name in ("x" * 250 + ".png", "y" * 250 + ".tif", "z" * 200 + ".png"):
        shutil.copy(tmp_path / "a.png", tmp_path / "in" / name)
    done = detect_frames(brightest, find_frames([tmp_path / "in"]), tmp_path / "out")
    assert (done.frames, done.detections) == (3, 3)
    assert {"y"} <= {Path(line.split(":")[0]).name[0] for line in done.failures} <= {"x", "y"}
    assert len((tmp_path / "out/detections.csv").read_text().splitlines()) == 4


def test_a_frame_beside_a_folder_of_its_name_has_a_picture_too(tmp_path: Path) -> None:
    make_frame(tmp_path / "in/a.png", 30)
    (tmp_path / "in/a.png").rename(tmp_path / "in/b.png")
    make_frame(tmp_path / "in/b.png.png", 30)
    make_frame(tmp_path / "other/b.png/c.png", 31)
    done = detect_frames(brightest, find_frames([tmp_path / "in", tmp_path / "other/b.png"]), tmp_path / "out")
    assert (done.frames, done.failures) == (3, ())
    assert overlay_names(["a.png", "a.png.png", "a.png/b.png", "a.png.png/c.png"]) == {
        "a.png": "a.png.png.png",
        "a.png.png": "a.png.png.png.png",
        "a.png/b.png": "a.png/b.png",
        "a.png.png/c.png": "a.png.png/c.png",
    }


def test_a_full_disk_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_frame(tmp_path / "a.png", 30)

    def full(path: Path, image: Frame) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("irstd.inference.searching.write_png", full)
    with pytest.raises(DataError, match="No space left on device"):
        detect_frames(brightest, find_frames([tmp_path / "a.png"]), tmp_path / "out")
    assert not (tmp_path / "out/detections.csv").exists()


def test_frames_that_differ_by_their_suffix_have_their_own_pictures(tmp_path: Path) -> None:
    names = ["a.png", "a.tif", "a.tif.png", "b.PNG", "c.jpg"]
    assert overlay_names(names) == {
        "a.png": "a.png",
        "a.tif": "a.tif.png.png",
        "a.tif.png": "a.tif.png",
        "b.PNG": "b.PNG",
        "c.jpg": "c.jpg.png",
    }
    for name in ("a.png", "a.bmp"):
        make_frame(tmp_path / "one.png", 30)
        (tmp_path / "one.png").rename(tmp_path / name)
    detect_frames(brightest, find_frames([tmp_path]), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out/overlays").iterdir()) == ["a.bmp.png", "a.png"]


def test_a_frame_is_never_overwritten(tmp_path: Path) -> None:
    make_frame(tmp_path / "overlays/a.png", 30)
    before = (tmp_path / "overlays/a.png").read_bytes()
    with pytest.raises(DataError, match=r"overlays/a\.png: a picture of the results would overwrite it; choose"):
        detect_frames(brightest, find_frames([tmp_path / "overlays/a.png"]), tmp_path)
    assert (tmp_path / "overlays/a.png").read_bytes() == before
    assert not (tmp_path / "detections.csv").exists()


def test_an_interrupted_run_leaves_the_table_of_the_one_before(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)
    frames = find_frames([tmp_path / "a.png"])
    detect_frames(brightest, frames, tmp_path / "out")
    before = (tmp_path / "out/detections.csv").read_bytes()

    def stop(frame: Frame) -> Detections:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detect_frames(stop, frames, tmp_path / "out")
    assert (tmp_path / "out/detections.csv").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["detections.csv", "overlays"]


@pytest.mark.parametrize("out", ["file/out", "/proc/irstd"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, out: str) -> None:
    make_frame(tmp_path / "a.png", 30)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=rf"{out}: cannot be made \(.+\); choose a folder you may write to"):
        detect_frames(brightest, find_frames([tmp_path / "a.png"]), tmp_path / out)


def test_a_table_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)
    (tmp_path / "out/detections.csv").mkdir(parents=True)
    with pytest.raises(DataError, match=r"detections\.csv: cannot be written \(Is a directory\)"):
        detect_frames(brightest, find_frames([tmp_path / "a.png"]), tmp_path / "out")


def test_a_file_name_that_is_no_utf8_keeps_its_bytes(tmp_path: Path) -> None:
    make_frame(tmp_path / "a.png", 30)
    frame = FrameFile("caf\udce9.png", tmp_path / "a.png")
    detect_frames(brightest, [frame], tmp_path / "out", options=DetectOptions(overlays=False))
    assert b"caf\xe9.png,30.000" in (tmp_path / "out/detections.csv").read_bytes()
