"""A check of stored weights against a network, before a tensor is made of them."""

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from torch import Tensor

from irstd.errors import DataError, ModelError
from irstd.files import parse_json

_MOST_HEADER = 4 << 20
_MOST_TENSORS, _MOST_NAME, _MOST_AXES = 10_000, 200, 8
# Types in a safetensors header: torch's name, and bytes a value. No network has others.
_TYPES = {
    "F64": ("float64", 8),
    "F32": ("float32", 4),
    "F16": ("float16", 2),
    "BF16": ("bfloat16", 2),
    "I64": ("int64", 8),
    "I32": ("int32", 4),
    "U8": ("uint8", 1),
    "BOOL": ("bool", 1),
}


def check_weights(expected: Mapping[str, str], stored: Mapping[str, str], where: str) -> None:
    """Check that `stored` has exactly the keys, types and shapes of `expected`, both as `kinds_of` returns them.

    Raises:
        ModelError: it has not; the message begins with `where` and names the first differences.
    """
    missing, strange = sorted(expected.keys() - stored.keys()), sorted(stored.keys() - expected.keys())
    if missing or strange:
        faults = [f"lacks {_few(missing)}"] * bool(missing) + [f"has unknown {_few(strange)}"] * bool(strange)
        raise ModelError(f"{where}: {' and '.join(faults)}; these are weights of another network")
    for key in sorted(expected):
        if expected[key] != stored[key]:
            raise ModelError(
                f"{where}: {key} is {stored[key]}, expected {expected[key]}; these are weights of another network"
            )


def kinds_of(state: Mapping[str, Tensor]) -> dict[str, str]:
    """Return type and shape of each tensor, such as `float32 (16, 3, 3, 3)`."""
    return {key: f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}" for key, tensor in state.items()}


def stored_kinds(data: bytes) -> dict[str, str]:
    """Return the same of the content of a safetensors file, from its header.

    Raises:
        ValueError: the header is none, or says what the file cannot hold.
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_MOST_HEADER, len(data) - 8):
        raise ValueError("no header of a length that the file has")
    try:
        header = parse_json(data[8 : 8 + length].decode(), "header")
    except DataError as fault:
        raise ValueError(str(fault)) from fault
    if not isinstance(header, dict) or len(header) > _MOST_TENSORS:
        raise ValueError(f"the header is no table of at most {_MOST_TENSORS} tensors")
    room = len(data) - 8 - length
    return {key: _stored_kind(key, entry, room) for key, entry in header.items() if key != "__metadata__"}


def _stored_kind(key: str, entry: Any, room: int) -> str:
    kind, shape = (entry.get("dtype"), entry.get("shape")) if isinstance(entry, dict) else (None, None)
    if len(key) > _MOST_NAME or not isinstance(kind, str) or kind not in _TYPES:
        raise ValueError(f"{key[:_MOST_NAME]} is of no type that weights have")
    if not isinstance(shape, list) or len(shape) > _MOST_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"{key} has no shape")
    name, size = _TYPES[kind]
    if max(shape, default=0) > room or prod(shape) * size > room:
        raise ValueError(f"{key} is larger than the file")
    return f"{name} {tuple(shape)}"


def _few(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
