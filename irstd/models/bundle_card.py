"""The card of a bundle, in Markdown, from its own record alone: what it is, what it learned from, what it found."""

from collections.abc import Mapping, Sequence
from typing import Any

from irstd.models.folder import files_hash
from irstd.models.record import read_record

_POINTS = 8  # of the curve are told
_LIMITS = (
    "It finds bright targets of a few pixels before a background that is calmer than they are, and takes hot animals "
    "or wisps of cloud for targets; what it was not trained on, such as dark targets, other wavelengths or larger "
    "objects, has to be tried.",
    "Scores and the operating threshold are of the validation frames of the data above; on other sensors choose the "
    "threshold on labelled frames of yours.",
)


def bundle_card(files: Mapping[str, bytes], name: str) -> str:
    """Return the card of the bundle in `files`, called `name`. Same bundle, same text.

    Raises:
        ModelError: the files are no bundle.
    """
    return card_of(read_record(files, name), files_hash(files), name)


def card_of(record: Mapping[str, Any], bundle: str, name: str) -> str:
    """Return the card of a bundle's record, or of what an ONNX file holds of it; `bundle` is its hash."""
    parts = [
        f"# {name}",
        f"`{record['detector']}`, bundle {bundle[:12]}, made by irstd {record['code']}. Call it with "
        f'`irstd.load("{name}")` or `irstd detect FRAMES --model {name}`.',
        _section("Data", _data(record["data"])),
        _section("Detector", [*_pairs(record.get("settings", {})), _input(record["input"])]),
        _section("Operating rules", _pairs(record["operating"])),
        *(_section(f"Scores, {split}", _pairs(scores)) for split, scores in sorted(record["scores"].items())),
        _curve(record.get("curve")),
        _section("Limits", [*record["warnings"], *_limits(record["input"]), *_LIMITS]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _data(data: Mapping[str, Any]) -> list[str]:
    """Return lines on the training data: the parts with terms and citations, then all else that is told."""
    lines = []
    for part in data.get("parts", ()):
        counts = part.get("counts", {})
        frames = ", ".join(f"{counts[split]} {split}" for split in ("train", "val", "test") if split in counts)
        told = (
            part.get("source"),
            f"Frames: {frames}; splits: {part.get('splits') or 'not known'}",
            *([f"Masks: {part['masks']}"] if "masks" in part else []),
            f"Terms: {part.get('licence') or 'not known'}",
            f"Cite: {part.get('citation') or 'not known'}",
        )
        lines.append(f"**{part.get('name')}**: {'. '.join(map(str, told))}.")
    return [*lines, *_pairs({key: value for key, value in data.items() if key != "parts"})]


def _input(rule: Mapping[str, Any]) -> str:
    size = f"{rule['size']} × {rule['size']} px" if rule.get("size") else "the frame's own size"
    return f"input: {rule.get('color')}, {rule.get('channels')} channels, {size}"


def _limits(rule: Mapping[str, Any]) -> list[str]:
    if not rule.get("size"):
        return []
    side = rule["size"]
    return [f"A frame larger than {side} px is shrunk to it; targets that become smaller than a pixel are mostly lost."]


def _curve(curve: Mapping[str, Any] | None) -> str:
    """Return a table of operating points on validation; nothing for a bundle without a curve."""
    if not curve or not curve.get("thresholds"):
        return ""
    last = len(curve["thresholds"]) - 1
    chosen = sorted({round(last * at / (_POINTS - 1)) for at in range(_POINTS)})
    rows = ["| threshold | precision | Pd | false alarms a frame |", "|---|---|---|---|"]
    for at in chosen:
        hits, found = curve["hits"][at], curve["found"][at]
        pd = f"{hits / curve['targets']:.3f}" if curve["targets"] else "–"
        alarms = (found - hits) / curve["frames"]
        rows.append(f"| {curve['thresholds'][at]:.4g} | {hits / found:.3f} | {pd} | {alarms:.4g} |")
    return f"## Curve, validation ({curve['frames']} frames, {curve['targets']} targets)\n\n" + "\n".join(rows)


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{key}: {_plain(value)}" for key, value in sorted(values.items())]


def _plain(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _section(title: str, lines: Sequence[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines) if lines else ""
