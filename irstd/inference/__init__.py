"""Detection in files and streams: finding the frames, and searching them."""

from irstd.inference.detect import Detected, DetectOptions, detect_frames
from irstd.inference.find import FrameFile, Stream, find_frames, find_sources
from irstd.inference.results import OVERLAYS, TABLE

__all__ = [
    "OVERLAYS",
    "TABLE",
    "DetectOptions",
    "Detected",
    "FrameFile",
    "Stream",
    "detect_frames",
    "find_frames",
    "find_sources",
]
