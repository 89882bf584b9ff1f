"""Detectors in ONNX files: writing them of bundles, and running them without torch."""

from irstd.export.runtime import SUFFIX, OnnxDetector, load_onnx

__all__ = ["SUFFIX", "OnnxDetector", "load_onnx"]
