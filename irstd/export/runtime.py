"""A detector in an ONNX file, run by ONNX Runtime. It needs neither torch nor onnx.

The file may be a stranger's: its length, metadata, inputs and outputs are checked. Its graph is not: it runs in ONNX
Runtime, which loads no further file and no code, but may use any amount of memory and time.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import DataError, ModelError, in_one_line
from irstd.export.needs import needed
from irstd.export.record import KEY, Exported, read_text
from irstd.files import read_bytes
from irstd.frames import Frame
from irstd.labels.detections import Detections
from irstd.models.decoding import Decoding
from irstd.models.rules import Reading, checked_frame
from irstd.models.tiles import in_tiles

SUFFIX = ".onnx"
MOST_BYTES = 1 << 30
_AXES = 4  # (batch, channels, height, width)
_LARGE_PX = 1 << 20  # of an input beyond which ONNX Runtime gives its memory back, hundreds of MB, after each call

Planes = NDArray[np.float32]


@dataclass(frozen=True)
class OnnxNetwork:
    """The graph of an exported file, and how frames go in.

    Attributes:
        input: how a frame becomes its input.
        decode: the form of its output.
        forward: raw output (B, planes, H / stride, W / stride) of images (B, channels, H, W) in [0, 1]; called from
            several threads.
    """

    input: Reading
    decode: Decoding
    forward: Callable[[Planes], Planes]

    def raw_output(self, frame: Frame) -> Planes:
        """Return the raw output (planes, h, w) of one frame; a large one goes through in tiles where that is the same.

        Raises:
            DataError: the array is no frame.
            ModelError: the graph cannot run, or its output has another shape than its metadata says.
        """
        images = self.input.images(checked_frame(frame))
        reach, stride = self.decode.reach, self.decode.stride
        raw = self.forward(images) if reach is None else in_tiles(self.forward, images, reach, stride)
        height, width = images.shape[2:]
        expected = (1, self.decode.planes, -(-height // stride), -(-width // stride))
        if raw.shape != expected:
            raise ModelError(f"the graph gave {raw.shape} where its metadata says {expected}; export the bundle again")
        return np.asarray(raw[0], dtype=np.float32)


@dataclass(frozen=True)
class OnnxDetector:
    """A detector loaded from an ONNX file, a function from frames to detections, as `irstd.models.bundle` loads one.

    Attributes:
        detector: the graph.
        bundle: what the file says of it.
        hash: SHA-256 of the file, in hex.
    """

    detector: OnnxNetwork
    bundle: Exported
    hash: str

    def __call__(self, frame: Frame) -> Detections:
        """Return the detections in a frame (H, W) or (H, W, 3) in RGB order, 8 or 16 bit, by the operating rules.

        Their scores are probabilities where the file has a calibration.

        Raises:
            DataError: the array is no such frame.
            ModelError: the graph cannot run.
        """
        raw = self.detector.raw_output(frame)
        found = self.detector.decode.detections(raw, self.detector.input.place(*frame.shape[:2]), self.bundle.operating)
        calibration = self.bundle.calibration
        return found if calibration is None else replace(found, scores=calibration(found.scores))


def is_onnx(model: str) -> bool:
    """Tell whether a model is named by a file of this kind."""
    return model.lower().endswith(SUFFIX) and not Path(model).is_dir()


def load_onnx(path: Path, threads: int = 1) -> OnnxDetector:
    """Load the detector in a file that `irstd export` wrote.

    Args:
        path: the file.
        threads: threads of one call; with 1, calls from several threads do not wait for each other.

    Raises:
        ModelError: the file is missing, too long, damaged or not of irstd, or ONNX Runtime is not installed.
    """
    try:
        data = read_bytes(path, MOST_BYTES)
    except DataError as fault:
        raise ModelError(str(fault)) from fault
    return load_bytes(data, str(path), threads)


def load_bytes(data: bytes, where: str, threads: int = 1) -> OnnxDetector:
    """Load the detector in the content of such a file; `where` begins the message of every error.

    Raises:
        ModelError: as `load_onnx`.
    """
    (runtime,) = needed("onnxruntime")
    session = _session(runtime, data, where, threads)
    exported = read_text(session.get_modelmeta().custom_metadata_map.get(KEY), where)
    (given, put_out) = _names(session, exported, where)

    lean = runtime.RunOptions()
    lean.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def forward(images: Planes) -> Planes:
        try:
            (raw,) = session.run([put_out], {given: images}, lean if images[0, 0].size > _LARGE_PX else None)
        except Exception as fault:  # ONNX Runtime has no error tree
            raise ModelError(
                f"{where}: the graph cannot run ({in_one_line(fault)}); export the bundle again"
            ) from fault
        return np.asarray(raw)

    network = OnnxNetwork(exported.input, exported.decode, forward)
    return OnnxDetector(network, exported, hashlib.sha256(data).hexdigest())


def _session(runtime: Any, data: bytes, where: str, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4  # fatal alone; what fails is raised
    # Else weights that a graph names by a path would be read from below the working folder.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    try:
        return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # ONNX Runtime has no error tree
        raise ModelError(f"{where}: no ONNX file that can be run ({in_one_line(fault)}); export it again") from fault


def _names(session: Any, exported: Exported, where: str) -> tuple[str, str]:
    """Return the names of the one input and the one output.

    Raises:
        ModelError: there are others, or they are no images.
    """
    ends = (session.get_inputs(), session.get_outputs())
    channels = (exported.input.channels, exported.decode.planes)
    for kind, found, planes in zip(("input", "output"), ends, channels, strict=True):
        fits = [each.type == "tensor(float)" and len(each.shape) == _AXES for each in found]
        if fits != [True] or (isinstance(found[0].shape[1], int) and found[0].shape[1] != planes):
            raise ModelError(f"{where}: needs one {kind} of float32 (batch, {planes}, height, width); export it again")
    return ends[0][0].name, ends[1][0].name
