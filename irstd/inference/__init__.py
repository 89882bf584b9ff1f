"""Detection in files: finding the frames, and searching them."""

from irstd.inference.detect import Detected, detect_frames
from irstd.inference.find import FrameFile, find_frames
from irstd.inference.results import OVERLAYS, TABLE

__all__ = ["OVERLAYS", "TABLE", "Detected", "FrameFile", "detect_frames", "find_frames"]
