"""The packages of the extra `onnx`, imported where they are used."""

from importlib import import_module
from typing import Any

from irstd.errors import ModelError


def needed(*names: str) -> tuple[Any, ...]:
    """Import packages of the extra.

    Raises:
        ModelError: one is not installed; names the extra.
    """
    try:
        return tuple(import_module(name) for name in names)
    except ModuleNotFoundError as fault:
        if fault.name not in names:
            raise
        raise ModelError(
            f"ONNX files need {fault.name}, which is not installed, irstd's extra onnx; pip install 'irstd[onnx]'"
        ) from fault
