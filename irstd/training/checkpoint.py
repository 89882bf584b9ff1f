"""Checkpoints of a fit: one safetensors file, from which a fit resumes to the same bytes.

A checkpoint store says where it lies, since a fit may run on another machine than the one that keeps its state.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from irstd.errors import TrainingError
from irstd.files import write_bytes
from irstd.training.curve import CurveRow

# safetensors writes several metadata entries in no fixed order, so that all stands in one, as JSON.
_ENTRY = "irstd"
FORMAT = "fit-1"


class Shelf(Protocol):
    """Store of one checkpoint, local or on another machine; str() names it in messages."""

    def load(self) -> bytes | None:
        """Return the stored bytes, or None."""

    def save(self, content: bytes) -> None:
        """Replace the stored bytes by `content`, completely or not at all."""


@dataclass(frozen=True)
class FileShelf:
    """A checkpoint file on this machine; its folder must exist."""

    path: Path

    def load(self) -> bytes | None:
        """The file's bytes; None where there is none."""
        return self.path.read_bytes() if self.path.exists() else None

    def save(self, content: bytes) -> None:
        """Write the file under another name, then rename it.

        Raises:
            DataError: the folder cannot be written to.
        """
        write_bytes(self.path, content)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class Best:
    """The best weights so far.

    Attributes:
        step: steps done at that point.
        score: their deciding score on validation; None where none could be computed.
        weights: the averaged state by name.
    """

    step: int
    score: float | None
    weights: dict[str, Tensor]


@dataclass(frozen=True)
class Progress:
    """Progress of a fit.

    Attributes:
        step: steps done.
        rows: the curve so far.
        best: best weights; None before the first validation.
        state: `model/…`, `average/…` and `optimizer/…` tensors by name.
        scaler: the gradient scaler's state; empty unless it runs.
    """

    step: int
    rows: tuple[CurveRow, ...]
    best: Best | None
    state: dict[str, Tensor]
    scaler: Mapping[str, Any]


def write(shelf: Shelf, progress: Progress, origin: Mapping[str, Any]) -> None:
    """Write `progress` to `shelf`; `origin` (plain JSON) identifies the fit.

    Raises:
        DataError: it cannot be written there.
    """
    best = progress.best
    header = {
        "format": FORMAT,
        "origin": origin,
        "step": progress.step,
        "rows": [asdict(row) for row in progress.rows],
        "best": None if best is None else {"step": best.step, "score": best.score},
        "scaler": dict(progress.scaler),
    }
    tensors = {name: _stored(tensor) for name, tensor in progress.state.items()}
    tensors |= {} if best is None else {f"best/{name}": _stored(tensor) for name, tensor in best.weights.items()}
    shelf.save(save(tensors, {_ENTRY: json.dumps(header)}))


def read(shelf: Shelf, origin: Mapping[str, Any]) -> Progress | None:
    """Read the progress in `shelf`, or None if it is empty. Nothing is unpickled: tensors are bytes, the rest is JSON.

    Raises:
        TrainingError: not a checkpoint of this project, or of a fit with another `origin`; names the differences.
    """
    content = shelf.load()
    if content is None:
        return None
    try:
        tensors = load(content)
        header = json.loads(_metadata(content)[_ENTRY])
    except (SafetensorError, KeyError, ValueError) as fault:
        raise TrainingError(f"{shelf}: no checkpoint of a fit that can be read; remove it to start afresh") from fault
    _check_origin(shelf, header, json.loads(json.dumps(origin)))
    best = header["best"]  # its score was called hse
    kept = {name.removeprefix("best/"): tensors.pop(name) for name in list(tensors) if name.startswith("best/")}
    return Progress(
        step=header["step"],
        rows=tuple(CurveRow(**row) for row in header["rows"]),
        best=None if best is None else Best(step=best["step"], score=best.get("score", best.get("hse")), weights=kept),
        state=tensors,
        scaler=header["scaler"],
    )


def _metadata(content: bytes) -> Mapping[str, str]:
    """Return the metadata of a safetensors file, which begins with eight bytes of length and a JSON header."""
    length = int.from_bytes(content[:8], "little")
    return dict(json.loads(content[8 : 8 + length]).get("__metadata__", {}))


def _check_origin(shelf: Shelf, header: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if header.get("format") != FORMAT:
        raise TrainingError(f"{shelf}: a checkpoint of form {header.get('format')}, not {FORMAT}; remove it")
    found = header["origin"]
    differing = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
    if differing:
        listed = ", ".join(f"{name} {found.get(name)} (now {wanted.get(name)})" for name in differing)
        raise TrainingError(f"{shelf}: a checkpoint of another fit: {listed}; remove it or give another path")


def _stored(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().contiguous()
