"""Selection of the frames with findings that the contact sheet shows."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from irstd.curation.audit.audit import Audit
from irstd.curation.audit.findings import Severity
from irstd.curation.sheet import Color, Line

_NEAR = "near-duplicates"
COLORS: Mapping[Severity, Color] = {"error": (190, 20, 20), "warning": (176, 92, 0)}

Unit = tuple[str, ...]  # frames shown side by side


def flagged_frames(audit: Audit, most: int) -> dict[str, list[Line]]:
    """Choose at most `most` frames with findings, some of each finding, errors first; return them with their captions.

    A near-duplicate comes beside the frame that it resembles.
    """
    queues = [_units(audit, index) for index in range(len(audit.findings))]
    chosen = dict[str, int]()  # index of the finding that each is shown for
    for turn in zip_longest(*queues):
        for index, unit in enumerate(turn):
            new = [name for name in unit or () if name not in chosen]
            if len(chosen) + len(new) <= most:
                chosen.update(dict.fromkeys(new, index))
    return {name: _reasons(audit, name) for name in sorted(chosen, key=lambda name: chosen[name])}


def _units(audit: Audit, index: int) -> Sequence[Unit]:
    """Return the frames of a finding that exist."""
    finding = audit.findings[index]
    if finding.rule == _NEAR:
        return [(pair.frame, pair.other) for pair in audit.near_duplicates if pair.frame in finding.names]
    return [(name,) for name in finding.names if name in audit.frames]


def _reasons(audit: Audit, name: str) -> list[Line]:
    lines = [
        Line(finding.rule, COLORS[finding.severity])
        for finding in audit.findings
        if name in finding.names and finding.rule != _NEAR
    ]
    for pair in audit.near_duplicates:
        if name in (pair.frame, pair.other):
            other = pair.other if name == pair.frame else pair.frame
            return [*lines, Line(f"nearly {other} ({audit.homes[other]})", COLORS["warning"])]
    return lines
