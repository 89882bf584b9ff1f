"""From a bundle to an ONNX file: the graph by torch's exporter, the record in its metadata, and a check of both."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import numpy as np
import torch

from irstd import __version__
from irstd.errors import ModelError, in_one_line
from irstd.export.halving import halved
from irstd.export.needs import needed
from irstd.export.plain import exportable
from irstd.export.record import KEY, Exported, record_text
from irstd.export.runtime import MOST_BYTES, load_bytes
from irstd.models.base import Detector
from irstd.models.bundle import LoadedDetector
from irstd.models.rules import Reading

PARITY = 1e-4
"""Most by which a raw output may differ from the bundle's, in units of the largest one above 1."""

_OPSET = 18  # of 2022, which every runtime of today reads
_GIVEN, _PUT_OUT = "images", "raw"
_AXES = {0: "batch", 2: "height", 3: "width"}
_SHAPES = ((1, 2, 3), (3, 3, 1))  # of what is compared: images, and sides in units of the smallest input


@dataclass(frozen=True)
class OnnxFile:
    """The content of an exported file.

    Attributes:
        data: the file.
        difference: the most by which a raw output on noise differs from the bundle's.
    """

    data: bytes
    difference: float


def onnx_file(loaded: LoadedDetector, *, half: bool = False) -> OnnxFile:
    """Return a loaded detector as an ONNX file. Same detector, same versions of the packages, same bytes.

    Its input `images` is float32 (batch, channels, height, width) in [0, 1], its output `raw` what `Detector.forward`
    returns; batch, height and width are free. BatchNorm is folded.

    Args:
        loaded: the detector.
        half: store the weights of convolutions in 16 bit; the graph computes in 32 bit all the same.

    Raises:
        ModelError: a package is missing, or the detector has no form that ONNX can hold.
    """
    name = loaded.bundle.detector
    (onnx, _) = needed("onnx", "onnxruntime")
    exported = _record(loaded, half=half)
    try:
        model = _graph(exportable(loaded.detector))
    except Exception as fault:  # torch's exporter raises what it likes
        raise ModelError(f"{name} cannot be exported to ONNX: {in_one_line(fault)}") from fault
    if half:
        halved(model)
    onnx.helper.set_model_props(model, {KEY: record_text(exported)})
    data = model.SerializeToString(deterministic=True)
    if len(data) > MOST_BYTES:
        raise ModelError(f"{name}: its file would have {len(data)} bytes, and {MOST_BYTES} is the most that is read")
    difference, scale = _compared(loaded.detector, data)
    if not half and not difference <= PARITY * max(scale, 1.0):
        raise ModelError(f"{name}: the ONNX graph differs from the bundle by {difference:.2g}; update torch and onnx")
    return OnnxFile(data, difference)


def _record(loaded: LoadedDetector, *, half: bool) -> Exported:
    detector, bundle = loaded.detector, loaded.bundle
    return Exported(
        detector=bundle.detector,
        bundle=loaded.hash,
        code=__version__,
        input=Reading(**asdict(detector.input)),
        decode=detector.decoding,
        operating=bundle.operating,
        calibration=bundle.calibration,
        curve=bundle.curve,
        data=bundle.data,
        scores=bundle.scores,
        warnings=bundle.warnings,
        half=half,
    )


def _graph(network: Detector) -> Any:
    """Return the network as an ONNX model."""
    # torch calls this exporter old. The new one takes 10 to 50 times as long, and needs onnxscript, for the same graph;
    # what a trace would get wrong, a size taken for a constant, is found by `_compared`.
    side, file = _unit(network), BytesIO()
    images = torch.zeros(2, network.input.channels, 2 * side, 3 * side)
    with _quiet():
        torch.onnx.export(
            network.requires_grad_(False),
            (images,),
            file,
            dynamo=False,
            input_names=[_GIVEN],
            output_names=[_PUT_OUT],
            dynamic_axes={_GIVEN: _AXES, _PUT_OUT: _AXES},
            opset_version=_OPSET,
        )
    (onnx,) = needed("onnx")
    return onnx.load_from_string(file.getvalue())


def _unit(network: Detector) -> int:
    return max(32, network.input.multiple)


def _compared(detector: Detector, data: bytes) -> tuple[float, float]:
    """Return the most by which raw outputs on noise differ from the detector's, and the largest of these."""
    forward = load_bytes(data, "the exported file").detector.forward
    random, unit = np.random.default_rng(0), _unit(detector)
    difference = scale = 0.0
    for batch, down, across in _SHAPES:
        shape = (batch, detector.input.channels, down * unit, across * unit)
        images = random.random(shape, dtype=np.float32)
        with torch.inference_mode():
            expected = detector(torch.from_numpy(images)).numpy()
        found = forward(images)
        if found.shape != expected.shape:
            raise ModelError(f"the ONNX graph puts out {found.shape}, not {expected.shape}; update torch and onnx")
        difference = max(difference, float(np.abs(found - expected).max()))
        scale = max(scale, float(np.abs(expected).max()))
    return difference, scale


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's notes to its own developers off the screen, and its dump of a graph that it cannot write."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    torch._C._jit_set_onnx_log_enabled(False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch._C._jit_set_onnx_log_enabled(True)
        logging.disable(before)
