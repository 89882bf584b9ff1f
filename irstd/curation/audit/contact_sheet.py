"""The audit as a picture: frames with findings, frames of every split, target sizes and contrasts."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from irstd.curation.audit.audit import Audit
from irstd.curation.audit.findings import Severity, counted
from irstd.curation.audit.histograms import histograms
from irstd.curation.audit.statistics import target_areas, target_contrasts
from irstd.curation.sheet import COLUMNS, MUTED, Color, Line, Picture, evenly, grid, heading, page, tile
from irstd.errors import DataError
from irstd.frames import read_image

_NEAR = "near-duplicates"
COLORS: Mapping[Severity, Color] = {"error": (190, 20, 20), "warning": (176, 92, 0)}

Unit = tuple[str, ...]  # frames shown side by side

_MOST_MESSAGES, _MOST_FLAGGED = 8, 2 * COLUMNS
_SPREAD: Mapping[str, int] = {"train": 2 * COLUMNS, "val": COLUMNS, "test": COLUMNS}


def draw_contact_sheet(audit: Audit) -> Picture:
    """Draw uint8 RGB (H, W, 3): up to 12 frames with their findings, then frames of every split, then histograms.

    Frames of the splits are evenly spread, 12 of train and 6 each of val and test. Targets are circled. The histograms
    show the sizes and contrasts of all targets.
    """
    parts = [_title(audit)]
    flagged = flagged_frames(audit, _MOST_FLAGGED)
    if flagged:
        most = max(map(len, flagged.values()))
        tiles = [_tile(audit, name, [*lines, *[Line("")] * (most - len(lines))]) for name, lines in flagged.items()]
        parts += [heading("frames with findings", [Line("some of each; audit.json names all", MUTED)]), grid(tiles)]
    for split, most in _SPREAD.items():
        names = audit.stored.members[split]
        if names:
            shown = evenly(names, most)
            note = Line(f"{len(shown)} of {counted(len(names), 'frame')}, evenly spread", MUTED)
            parts += [heading(split, [note]), grid([_tile(audit, name, []) for name in shown])]
    return page([*parts, heading("targets", [Line("in percent of each split's", MUTED)]), _charts(audit)])


def _title(audit: Audit) -> Picture:
    """Draw the name of the dataset and the first findings."""
    shown = audit.findings[:_MOST_MESSAGES]
    lines = [Line(f"{finding.rule}:  {finding.message}", COLORS[finding.severity]) for finding in shown]
    if len(audit.findings) > len(shown):
        lines.append(Line(f"and {len(audit.findings) - len(shown)} more", MUTED))
    return heading(f"{audit.name}: {counted(len(audit.frames), 'frame')}, {audit.tally}", [*lines, Line("")])


def _tile(audit: Audit, name: str, reasons: Sequence[Line]) -> Picture:
    facts = audit.frames[name]
    try:
        frame = read_image(audit.stored.folder / "images" / f"{name}.png")
    except DataError:
        frame = None
    about = Line(f"{audit.stored.homes.get(name, 'in no split')}, {counted(len(facts.points), 'target')}", MUTED)
    return tile(frame, facts.points, [Line(name), about, *reasons])


def _charts(audit: Audit) -> Picture:
    of_split = {split: [audit.frames[name] for name in names] for split, names in audit.stored.members.items()}
    return histograms(
        {split: target_areas(frames) for split, frames in of_split.items()},
        {split: target_contrasts(frames) for split, frames in of_split.items()},
    )


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
            return [*lines, Line(f"nearly {other} ({audit.stored.homes[other]})", COLORS["warning"])]
    return lines
