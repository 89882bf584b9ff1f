import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from irstd.errors import DataError
from irstd.frames import Frame, read_image, to_grey, write_png
from irstd.inference import DetectOptions, FrameFile, Stream, detect_frames, find_sources
from irstd.inference.truth import TrueTargets
from irstd.inference.workers import cores
from irstd.labels.detections import Detections
from tests.frames.clips import moving, write_clip, write_stack
from tests.shared import SHARED

QUIET = DetectOptions(overlays=False)


def square(frame: Frame) -> Detections:
    """Stands for a detector: the middle of what is bright, in the luma."""
    rows, columns = np.nonzero(to_grey(frame.astype(np.uint8)) > 150)
    if not len(rows):
        return Detections.none()
    return Detections(np.array([[columns.mean(), rows.mean()]]), np.array([0.5]))


def table(out: Path) -> list[list[str]]:
    return [line.split(",") for line in (out / "detections.csv").read_text().splitlines()]


def test_a_video_among_images_adds_a_column_of_times(tmp_path: Path) -> None:
    write_clip(tmp_path / "in/clip.avi")
    write_png(tmp_path / "in/a.png", moving(3))
    done = detect_frames(square, find_sources([tmp_path / "in"]).sources, tmp_path / "out", options=QUIET)
    assert (done.frames, done.detections, done.failures) == (7, 7, ())
    header, still, *moved = table(tmp_path / "out")
    assert header == ["frame", "x", "y", "score", "time"]
    assert still == ["a.png", "17.500", "21.500", "0.5000", ""]
    assert [row[0] for row in moved] == [f"clip.avi/{index:06d}" for index in range(6)]
    assert [float(row[4]) for row in moved] == pytest.approx([index / 20 for index in range(6)], abs=0.002)
    assert [float(row[1]) for row in moved] == pytest.approx([11.5 + 2 * index for index in range(6)], abs=0.3)


def test_a_video_gets_an_annotated_one(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.avi")
    detect_frames(square, find_sources([tmp_path / "clip.avi"]).sources, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out/overlays").iterdir()] == ["clip.avi.webm"]
    film = cv2.VideoCapture(str(tmp_path / "out/overlays/clip.avi.webm"))
    assert film.get(cv2.CAP_PROP_FPS) == 20
    assert int(film.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little") == b"VP80"
    frames = 0
    while film.read()[0]:
        frames += 1
    assert frames == 6
    assert find_sources([tmp_path]).sources == (FrameFile("clip.avi", tmp_path / "clip.avi"),)


def test_pages_are_frames_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_png(tmp_path / "in/a.png", moving(0))
    write_stack(tmp_path / "in/stack.tif", [moving(index) for index in range(3)])
    told: list[tuple[int, int | None]] = []
    done = detect_frames(square, find_sources([tmp_path / "in"]).sources, tmp_path / "out", lambda *n: told.append(n))
    assert (done.frames, done.failures) == (4, ())
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [row[:2] for row in table(tmp_path / "out")] == [
        ["frame", "x"],
        ["a.png", "11.500"],
        *([f"stack.tif/{index:06d}", f"{11.5 + 2 * index:.3f}"] for index in range(3)),
    ]
    assert read_image(tmp_path / "out/overlays/stack.tif/000002.png").ndim == 3


def test_few_frames_of_a_video_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most = 0, 0

    class Endless:
        where, count, frames_per_s = "endless", 200, 25.0

        def __iter__(self) -> Iterator[tuple[float, Frame]]:
            nonlocal under_way, most
            for index in range(self.count):
                under_way += 1
                most = max(most, under_way)
                yield index / 25, moving(1)

    class Opened:
        def __enter__(self) -> Endless:
            return Endless()

        def __exit__(self, *_: object) -> None:
            pass

    def progress(done: int, total: int | None) -> None:
        nonlocal under_way
        under_way -= 1

    monkeypatch.setattr("irstd.inference.detect.open_video", lambda place: Opened())
    done = detect_frames(square, [FrameFile("x.mp4", tmp_path / "x.mp4")], tmp_path / "out", progress, QUIET)
    assert done.frames == 200
    assert most <= 2 * cores() + 1


def test_a_video_that_breaks_off_or_cannot_be_read_is_named_and_keeps_what_was_found(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "in/cut.avi", frames=40).read_bytes()
    (tmp_path / "in/cut.avi").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "in/text.mp4").write_text("no video")
    write_clip(tmp_path / "in/whole.avi")
    done = detect_frames(square, find_sources([tmp_path / "in"]).sources, tmp_path / "out", options=QUIET)
    assert len(done.failures) == 2
    assert "cut.avi: breaks off after " in done.failures[0]
    assert done.failures[1].startswith(f"{tmp_path / 'in/text.mp4'}: is no mp4")
    names = [row[0] for row in table(tmp_path / "out")[1:]]
    assert names[0] == "cut.avi/000000"
    assert names[-1] == "whole.avi/000005"
    assert 6 < len(names) < 46


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server on loopback that sends a part of a clip, and nothing after it."""
    content = write_clip(tmp_path / "sent.avi", frames=40).read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/live.avi" else 404)
            self.end_headers()
            if self.path == "/live.avi":
                self.wfile.write(content[: len(content) // 2])

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_stream_that_breaks_keeps_what_was_found(tmp_path: Path, address: str) -> None:
    user = address.replace("http://", "http://me:secret@") + "/live.avi"
    (stream,) = find_sources([user]).sources
    assert stream == Stream("127.0.0.1/live.avi", user)
    gone = Stream("gone", address + "/gone.avi")
    done = detect_frames(square, [stream, gone], tmp_path / "out", options=QUIET)
    assert 6 < done.frames < 40
    assert len(done.failures) == 2
    assert "what was found in them is kept" in done.failures[0]
    assert "no video comes from this address" in done.failures[1]
    assert "secret" not in str(done)
    assert len(table(tmp_path / "out")) == done.detections + 1


def test_a_stream_ends_when_it_is_told_to(tmp_path: Path, address: str) -> None:
    stream = Stream("s", address + "/live.avi")
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 3

    done = detect_frames(square, [stream], tmp_path / "out", options=DetectOptions(overlays=False, stop=stop))
    assert (done.frames, done.failures) == (3, ())


def test_names_of_streams_hold_no_login_and_are_paths() -> None:
    given = ["rtsp://me:secret@10.0.0.7:554/live/../x?token=abc", "rtsp://10.0.0.7/live/x", "http://h"]
    streams = find_sources(given).sources
    assert [stream.name for stream in streams] == ["stream-1/10.0.0.7/live/x", "stream-2/10.0.0.7/live/x", "stream-3/h"]


def test_files_that_are_neither_images_nor_videos_are_told(tmp_path: Path) -> None:
    for name in ("a.png", "notes.txt", "sub/b.xml", "clip.MKV", ".hidden", "old/detections.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_sources([tmp_path])
    assert [source.name for source in found.sources] == ["a.png", "clip.MKV"]
    assert [path.name for path in found.skipped] == ["notes.txt", "b.xml"]
    assert [path.name for path in find_sources([tmp_path / "*"]).skipped] == ["notes.txt", "b.xml"]
    with pytest.raises(DataError, match=r"notes\.txt: is no image or video by its name"):
        find_sources([tmp_path / "notes.txt"])


def test_true_targets_make_hits_misses_and_false_alarms(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.avi", frames=3)
    write_png(tmp_path / "a.png", moving(0))
    (tmp_path / "truth.csv").write_text("frame,x,y\nclip.avi/000000,12,21\nclip.avi/000001,40,40\na,11,22\nother,1,1\n")
    truth = TrueTargets(tmp_path / "truth.csv")
    sources = find_sources([tmp_path / "clip.avi", tmp_path / "a.png"]).sources
    done = detect_frames(square, sources, tmp_path / "out", options=DetectOptions(overlays=False, truth=truth))
    assert done.judged == (2, 1, 2)
    assert truth.unused() == ["other"]


@pytest.mark.skipif(not (SHARED / "drone-ir").is_dir(), reason=f"needs the clips of drone-ir in {SHARED}")
def test_the_labels_of_a_published_clip_lie_on_its_frames(tmp_path: Path) -> None:
    """Bright targets on an even sky; the detector is the brightest of the upper frame."""
    clips = SHARED / "drone-ir/clips"
    boxes = [line.split(",") for line in (clips / "boxes.csv").read_text().splitlines()[1:]]
    rows = [
        f"{clip}.mp4/{int(index):06d},{float(x) + (float(w) - 1) / 2},{float(y) + (float(h) - 1) / 2}"
        for clip, index, x, y, w, h, _ in boxes
        if clip == "IR_DRONE_066"
    ]
    (tmp_path / "truth.csv").write_text("\n".join(["frame,x,y", *rows]))

    def brightest(frame: Frame) -> Detections:
        sky = cv2.blur(to_grey(frame.astype(np.uint8))[2:160, 2:-2], (3, 3))
        row, column = np.unravel_index(int(sky.argmax()), sky.shape)
        return Detections(np.array([[column + 2.0, row + 2.0]]), np.array([0.9]))

    truth = TrueTargets(tmp_path / "truth.csv")
    sources = find_sources([clips / "IR_DRONE_066.mp4"]).sources
    done = detect_frames(brightest, sources, tmp_path / "out", options=DetectOptions(overlays=False, truth=truth))
    assert done.judged is not None
    assert (done.frames, len(rows), truth.unused()) == (306, 306, [])
    assert done.judged[0] > 0.8 * 306
