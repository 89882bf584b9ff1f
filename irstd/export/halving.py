"""The weights of an ONNX model in 16 bit, which halves its file."""

from typing import Any

import numpy as np

from irstd.errors import ModelError
from irstd.export.needs import needed

_LEAST_AXES = 2  # biases have one; they are few


def halved(model: Any) -> None:
    """Store the float32 weights of `model` as float16, and put a node before the others that makes float32 of each.

    ONNX Runtime runs these nodes once, when it loads the file.

    Raises:
        ModelError: a weight is too large for 16 bit.
    """
    (onnx,) = needed("onnx")
    graph, casts = model.graph, []
    for stored in graph.initializer:
        if stored.data_type != onnx.TensorProto.FLOAT or len(stored.dims) < _LEAST_AXES:
            continue
        name, weights = stored.name, onnx.numpy_helper.to_array(stored)
        if np.abs(weights).max(initial=0.0) > np.finfo(np.float16).max:
            raise ModelError(f"{name}: holds weights above 65504, which 16 bit cannot store; export without --half")
        stored.CopyFrom(onnx.numpy_helper.from_array(weights.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [stored.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
