"""A fit on disk: one safetensors file, from which it goes on as if it had never stopped."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from irstd.errors import TrainingError
from irstd.files import write_bytes
from irstd.training.curve import CurveRow

# safetensors writes several metadata entries in no fixed order, so that all stands in one, as JSON.
_ENTRY = "irstd"
FORMAT = "fit-1"


@dataclass(frozen=True)
class Best:
    """The weights kept so far.

    Attributes:
        step: steps done when they were taken.
        hse: their validation score, 0..100; None where none could be computed.
        weights: the averaged state by name.
    """

    step: int
    hse: float | None
    weights: dict[str, Tensor]


@dataclass(frozen=True)
class Progress:
    """Where a fit stands.

    Attributes:
        step: steps done.
        rows: the curve so far.
        best: None before the first validation.
        state: `model/…`, `average/…` and `optimizer/…` tensors by name.
        scaler: the gradient scaler's state; empty unless it runs.
    """

    step: int
    rows: tuple[CurveRow, ...]
    best: Best | None
    state: dict[str, Tensor]
    scaler: Mapping[str, Any]


def write(path: Path, progress: Progress, origin: Mapping[str, Any]) -> None:
    """Write `progress` to `path`, complete or not at all; `origin` (plain JSON) says what fit it belongs to.

    Raises:
        DataError: the folder cannot be written to.
    """
    best = progress.best
    header = {
        "format": FORMAT,
        "origin": origin,
        "step": progress.step,
        "rows": [asdict(row) for row in progress.rows],
        "best": None if best is None else {"step": best.step, "hse": best.hse},
        "scaler": dict(progress.scaler),
    }
    tensors = {name: _stored(tensor) for name, tensor in progress.state.items()}
    tensors |= {} if best is None else {f"best/{name}": _stored(tensor) for name, tensor in best.weights.items()}
    write_bytes(path, save(tensors, {_ENTRY: json.dumps(header)}))


def read(path: Path, origin: Mapping[str, Any]) -> Progress:
    """The progress in `path`. Tensors are read as bytes and the rest as JSON: nothing is unpickled.

    Raises:
        TrainingError: no checkpoint of this project, or one of a fit with another `origin`; the message names what
            differs.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_ENTRY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no iterator)
    except (OSError, SafetensorError, KeyError, ValueError) as fault:
        raise TrainingError(f"{path}: no checkpoint of a fit that can be read; remove it to start afresh") from fault
    _check_origin(path, header, json.loads(json.dumps(origin)))
    best = header["best"]
    kept = {name.removeprefix("best/"): tensors.pop(name) for name in list(tensors) if name.startswith("best/")}
    return Progress(
        step=header["step"],
        rows=tuple(CurveRow(**row) for row in header["rows"]),
        best=None if best is None else Best(step=best["step"], hse=best["hse"], weights=kept),
        state=tensors,
        scaler=header["scaler"],
    )


def _check_origin(path: Path, header: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if header.get("format") != FORMAT:
        raise TrainingError(f"{path}: a checkpoint of form {header.get('format')}, not {FORMAT}; remove it")
    found = header["origin"]
    differing = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
    if differing:
        listed = ", ".join(f"{name} {found.get(name)} (now {wanted.get(name)})" for name in differing)
        raise TrainingError(f"{path}: a checkpoint of another fit: {listed}; remove it or give another path")


def _stored(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().contiguous()
