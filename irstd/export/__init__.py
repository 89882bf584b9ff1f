"""Detectors in ONNX files: writing them of bundles, and running them without torch."""

from irstd.export.quick import load_quick, quick
from irstd.export.runtime import SUFFIX, OnnxDetector, is_onnx, load_onnx

__all__ = ["SUFFIX", "OnnxDetector", "is_onnx", "load_onnx", "load_quick", "quick"]
