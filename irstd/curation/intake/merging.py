"""A new version of a canonical dataset: its old files, byte for byte, and new frames."""

import io
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from irstd.curation.audit.audit import Audit
from irstd.curation.intake.placing import Placement, Shares, place_frames
from irstd.curation.intake.staging import StagedSet, longest_prefix
from irstd.curation.writing import write_description
from irstd.datasets.canonical import SOFT_MASKS, SPLITS
from irstd.datasets.points_csv import Row
from irstd.errors import DataError
from irstd.files import new_folder, write_text
from irstd.files.reading import read_lines, read_object, read_text

_ADDITIONS = "additions"
_FORMS = {
    _ADDITIONS: (list, dict, "a list of objects"),
    SOFT_MASKS: (list, str, "a list of names"),
    "counts": (dict, int, "whole numbers by name"),
}
"""Parts of dataset.json that are written anew: what each is, what is in it, and both in words."""


@dataclass(frozen=True)
class Added:
    """Record in dataset.json of a set taken in.

    Attributes:
        name: prefix of its frames' names.
        digest: fingerprint of the set as it came; a set is taken in once.
        splits: number of frames by split.
        left_out: number of frames left out, by reason.
    """

    name: str
    digest: str
    splits: Mapping[str, int]
    left_out: Mapping[str, int]


def known_sets(base: Path) -> frozenset[str]:
    """Return the digests of the sets that the dataset in `base` has taken in.

    Raises:
        DataError: its dataset.json cannot be read.
    """
    return frozenset(str(entry.get("digest")) for entry in _record(base).get(_ADDITIONS, []))


def check_labels(base: Path, staged: StagedSet) -> None:
    """Check that a set has masks if the dataset in `base` has.

    Raises:
        DataError: it has none.
    """
    if any((base / "masks").glob("*.png")) and not (staged.folder / "masks").is_dir():
        raise DataError(f"{staged.name}: has points and no masks, the dataset {base.name} has masks; add masks")


def merge_sets(base: Audit, sets: Sequence[StagedSet], folder: Path, shares: Shares, seed: int) -> list[Added]:
    """Write the dataset with all sets to `folder`, complete or not at all, and return the record of each set.

    The dataset's own files keep their bytes; a new frame is called SET_FRAME.

    Raises:
        DataError: a file cannot be read or written.
    """
    homes, added = dict(base.stored.homes), list[Added]()
    there = {name: facts.image for name, facts in base.frames.items() if facts.image is not None and name in homes}
    with new_folder(folder) as new:
        shutil.copytree(base.stored.folder, new, dirs_exist_ok=True)
        for staged in sets:
            prefix = _free_prefix(staged, homes)
            images = {n: facts.image for n, facts in staged.audit.frames.items() if facts.image is not None}
            placement = place_frames(images, there, homes, shares, seed)
            _copy(staged, new, placement, prefix)
            there |= {f"{prefix}_{name}": images[name] for name in placement.splits}
            homes |= {f"{prefix}_{name}": split for name, split in placement.splits.items()}
            added.append(_added(prefix, staged, placement))
            _describe(new, base.name, staged, placement, added[-1])
    return added


def _added(prefix: str, staged: StagedSet, placement: Placement) -> Added:
    splits, reasons = Counter(placement.splits.values()), Counter(placement.left_out.values())
    return Added(prefix, staged.digest, dict(sorted(splits.items())), dict(sorted(reasons.items())))


def _free_prefix(staged: StagedSet, homes: Mapping[str, str]) -> str:
    """Return the set's name, with the beginning of its digest if the dataset's frames have that prefix already."""
    taken = any(name.startswith(f"{staged.name}_") for name in homes)
    return longest_prefix(staged.name, staged.digest) if taken else staged.name


def _copy(staged: StagedSet, folder: Path, placement: Placement, prefix: str) -> None:
    """Copy frames and masks that are taken in, and append their points and their lines of the lists."""
    parts = [part for part in ("images", "masks") if (folder / part).is_dir()]
    rows = list[Row]()
    for name in sorted(placement.splits):
        for part in parts:
            shutil.copyfile(staged.folder / part / f"{name}.png", folder / part / f"{prefix}_{name}.png")
        rows += [Row(f"{prefix}_{name}", float(x), float(y)) for x, y in staged.audit.frames[name].points]
    if rows and (folder / "points.csv").is_file():
        _append_points(folder / "points.csv", rows)
    for split in SPLITS:
        path = folder / "splits" / f"{split}.txt"
        new = [f"{prefix}_{name}" for name in sorted(placement.splits) if placement.splits[name] == split]
        if new:
            write_text(path, "".join(f"{name}\n" for name in (*read_lines(path), *new)))


def _append_points(path: Path, rows: Sequence[Row]) -> None:
    """Append rows; the old ones keep their bytes."""
    text = read_text(path)
    header = list(pd.read_csv(io.StringIO(text), dtype=str, nrows=0).columns)
    new = pd.DataFrame([asdict(row) for row in rows]).reindex(columns=header)
    end = "" if text.endswith("\n") else "\n"
    write_text(path, text + end + new.to_csv(index=False, header=False, float_format="%.4f", lineterminator="\n"))


def _describe(folder: Path, name: str, staged: StagedSet, placement: Placement, added: Added) -> None:
    """Add the set to the additions, soft masks and counts of dataset.json."""
    record = _record(folder)
    targets = sum(len(staged.audit.frames[frame].points) for frame in placement.splits)
    counts = Counter[str](record.get("counts", {}))
    counts.update({**added.splits, "frames": len(placement.splits), "targets": targets})
    soft = [
        f"{added.name}_{frame}" for frame in _record(staged.folder).get(SOFT_MASKS, []) if frame in placement.splits
    ]
    merged = {"name": name, **record, "counts": counts}
    if soft:
        merged[SOFT_MASKS] = sorted([*record.get(SOFT_MASKS, []), *soft])
    merged[_ADDITIONS] = [*record.get(_ADDITIONS, []), asdict(added)]
    write_description(folder, merged)


def _record(folder: Path) -> dict[str, Any]:
    """Read dataset.json, if there is one.

    Raises:
        DataError: it is no JSON object, or a part of it that is written anew has another form.
    """
    path = folder / "dataset.json"
    record = read_object(path) if path.is_file() else {}
    for key, (kind, inner, words) in _FORMS.items():
        part = record.get(key, kind())
        values = part.values() if isinstance(part, dict) else part
        if not isinstance(part, kind) or not all(isinstance(each, inner) for each in values):
            raise DataError(f"{path}: '{key}' must be {words}; correct it, or take it out")
    return record
