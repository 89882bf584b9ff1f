"""Write the digests of the code, on which the stages of dvc.yaml depend: `python -m pipelines.code`.

A digest covers what a stage imports, from its flow on: an edit re-runs the stages whose work it is part of, a
comment or a docstring none (docs/architecture.md).
"""

from functools import partial

from irstd.settings.load import load_settings
from irstd.settings.project import Settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Write the digests of the code, one a stage and variant; DVC's stage `code`."""
    settings = load_settings()
    from pipelines.code import write_digests

    return partial(write_digests, settings)


from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import grimp

from irstd.errors import DataError, ModelError
from irstd.files import write_folder
from irstd.files.reading import read_object
from irstd.models.pretrained import find_bundle
from irstd.models.record import RECORD
from irstd.models.table import detector_modules
from irstd.project.code_digest import closure, code_hash, digest, source_of
from irstd.project.paths import CODE, Layout

OUTSIDE: Mapping[str, str] = {
    "irstd.errors": "messages",
    "irstd.files.atomic": "how files are replaced",
    "irstd.files.bounded_json": "which values are refused",
    "irstd.files.disk_faults": "messages",
    "irstd.files.regular": "which files are refused",
    "irstd.project": "places and environment",
    "irstd.settings.bounds": "which values are refused",
    "irstd.settings.checked": "which values are refused",
    "irstd.settings.faults": "messages",
    "irstd.settings.load": "dvc.yaml names the values",
    "irstd.settings.project": "dvc.yaml names the values",
    "irstd.settings.compute": "where work runs",
    "irstd.tracking": "bookkeeping",
    "irstd.compute.cluster": "where work runs",
    "irstd.compute.ray_folder": "where work runs",
    "irstd.compute.ray_import": "where work runs",
    "irstd.compute.faults": "messages",
    "irstd.compute.shelves": "where checkpoints lie",
    "pipelines.door": "Prefect and DVC",
    "pipelines.servers": "servers",
}
"""Modules and packages that decide no byte of an output, and why."""

_WHOLE = ("demo", "prepare", "report")
_EACH = ("tune", "train", "evaluate")
_FITS = ("tune", "train")  # what a fit starts from is part of their digest, since params.yaml has no more than its name


def write_digests(settings: Settings) -> None:
    """Make the digest of each stage and variant the content of outputs/code, if it is not.

    Raises:
        DataError: the folder cannot be written.
    """
    files = {name: text.encode() for name, text in digests(settings).items()}
    stored = {path.relative_to(CODE).as_posix(): path.read_bytes() for path in CODE.rglob("*") if path.is_file()}
    if files != stored:
        write_folder(CODE, files)


def digests(settings: Settings) -> dict[str, str]:
    """Return the digests as lines of text by `STAGE` or `STAGE/VARIANT`."""
    graph = grimp.build_graph("irstd", "pipelines", exclude_type_checking_imports=True, cache_dir=None)
    templates = sorted((source_of("irstd.report").parent / "templates").glob("*"))
    hashed, found = cache(code_hash), {}  # most modules are in several closures
    for stage in _WHOLE:
        modules = closure(graph, [f"pipelines.{stage}"], OUTSIDE)
        found[stage] = digest(modules, templates if stage == "report" else (), hashed)
    for stage in _EACH:
        for variant, own in _detectors(settings, stage):
            start = _start_files(settings, variant) if stage in _FITS else ()
            found[f"{stage}/{variant}"] = digest(closure(graph, [f"pipelines.{stage}", *own], OUTSIDE), start, hashed)
    return {name: f"{text}\n" for name, text in found.items()}


def _detectors(settings: Settings, stage: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each variant, and for `evaluate` each reference, with the modules of its detector."""
    for variant in settings.variants:
        yield variant, detector_modules(settings.detector_of(variant))
    bundles = {Layout(settings.dataset).bundle(variant): variant for variant in settings.variants}
    for reference, folder in settings.references.items() if stage == "evaluate" else ():
        own = bundles.get(Path(folder))  # made in this very run, so not there yet
        yield reference, detector_modules(settings.detector_of(own)) if own else _of_bundle(Path(folder))


def _start_files(settings: Settings, variant: str) -> list[Path]:
    """Return the files of the bundles that a variant's fits start from.

    Raises:
        ModelError: there is no such bundle.
    """
    searched = settings.variants[variant].search.get("train.start", ())
    starts = {settings.train_for(variant).start, *(searched if isinstance(searched, list) else ())} - {None}
    folders = [find_bundle(str(start)) for start in sorted(map(str, starts))]
    absent = [str(folder) for folder in folders if not (folder / RECORD).is_file()]
    if absent:
        raise ModelError(f"variants.{variant}: train.start: {absent[0]}: no such bundle; give a bundle's folder")
    return [path for folder in folders for path in folder.iterdir() if path.name in (RECORD, "weights.safetensors")]


def _of_bundle(folder: Path) -> frozenset[str]:
    """Return the modules of a bundle's detector; none if the bundle is not there, which `evaluate` will say."""
    try:
        record = read_object(folder / "bundle.json")
    except DataError:
        return frozenset()
    return detector_modules(str(record.get("detector", record.get("variant"))))  # `variant` in format 1
