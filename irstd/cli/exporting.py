"""`irstd export`: a bundle as an ONNX file."""

from pathlib import Path

from irstd.cli.model_choice import load_model
from irstd.cli.progress import say
from irstd.errors import ModelError
from irstd.export import SUFFIX
from irstd.files import write_bytes


def export_model(model: str, out: Path, *, half: bool) -> None:
    """Write the bundle `model` to the ONNX file `out`, complete or not at all.

    Raises:
        ModelError: there is no such bundle, `out` has another suffix, a package is missing, or it cannot be exported.
        RegistryError: the registry or the model in it is not there.
        DataError: `out` cannot be written.
    """
    if out.suffix.lower() != SUFFIX:
        raise ModelError(f"{out}: the file must end with {SUFFIX}, by which `irstd detect` knows it")
    loaded = load_model(model)
    from irstd.export.writing import onnx_file  # noqa: PLC0415 - torch is there by now

    file = onnx_file(loaded, half=half)
    write_bytes(out, file.data)
    kind = "weights in 16 bit" if half else "32 bit"
    say(
        f"{out}: {loaded.bundle.detector} of {model}, {len(file.data) / 1e6:.2f} MB, {kind}, raw output within "
        f"{file.difference:.1g} of the bundle's"
    )
    say(f"next: irstd detect FRAMES --model {out}")
