import os
from pathlib import Path

import numpy as np
import pytest

from irstd.errors import DataError
from irstd.frames.video import is_stream, open_video
from tests.frames.clips import SIDE, moving, write_clip


@pytest.mark.parametrize("suffix", [".avi", ".mkv", ".mov", ".mp4"])
def test_frames_and_times_of_a_clip(tmp_path: Path, suffix: str) -> None:
    with open_video(write_clip(tmp_path / f"clip{suffix}")) as video:
        assert (video.frames_per_s, video.count) == (20.0, 6)
        frames = list(video)
    assert [time for time, _ in frames] == pytest.approx([index / 20 for index in range(6)], abs=0.002)
    for index, (_, frame) in enumerate(frames):
        assert frame.shape == (*SIDE, 3)
        assert frame.dtype == np.uint8
        assert np.abs(frame[..., 0].astype(int) - moving(index)).mean() < 3


def test_what_is_no_video_by_its_content_is_refused_before_any_decoder_sees_it(tmp_path: Path) -> None:
    inner = write_clip(tmp_path / "inner.avi")
    hostile = {
        "list.mp4": f"#EXTM3U\n#EXTINF:1,\n{inner}\n#EXT-X-ENDLIST\n".encode(),
        "concat.avi": f"ffconcat version 1.0\nfile {inner}\n".encode(),
        "empty.mkv": b"",
        "text.mov": b"no video at all, but some text",
    }
    for name, content in hostile.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name}: is no mp4, mov, avi, mkv or webm"), open_video(tmp_path / name):
            pass


def test_what_is_damaged_missing_or_no_file_is_one_line(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "clip.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[:100])
    (tmp_path / "junk.mp4").write_bytes(b"\0\0\0\x20ftypisom" + bytes(500))
    os.mkfifo(tmp_path / "fifo.mp4")
    faults = {"cut.avi": "no frame", "junk.mp4": "no frame", "fifo.mp4": "is a FIFO", "gone.mp4": "cannot be read"}
    for name, fault in faults.items():
        with pytest.raises(DataError, match=f"{name}: .*{fault}") as raised, open_video(tmp_path / name):
            pass
        assert len(str(raised.value)) < 300


def test_a_video_larger_than_frames_may_be_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_clip(tmp_path / "clip.avi")
    monkeypatch.setattr("irstd.frames.video.MOST_PIXELS", 48 * 64 - 1)
    with pytest.raises(DataError, match=r"is 64×48 px; at most"), open_video(tmp_path / "clip.avi"):
        pass


def test_addresses_of_streams() -> None:
    assert all(map(is_stream, ("rtsp://camera/live", "RTSPS://a:b@c:554/x?y=1", "http://h/clip.mp4", "https://h/x")))
    assert not any(map(is_stream, ("clip.mp4", "file:///etc/passwd", "http:", "rtsp:// x", "C:\\clip.avi", "udp://h")))
