"""The model card of a version, in Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from irstd.evaluation.brief_table import brief_table
from irstd.evaluation.score_card import SplitScore

_MOST = 4900  # characters; the registry keeps 5000
_SPLITS = {"val": "validation (decides)", "test": "test (reported only)"}


@dataclass(frozen=True)
class Card:
    """The content of a model card.

    Attributes:
        variant, version: of the model.
        verdict: in a few words.
        reasons: of the verdict.
        scores: by split.
        cost: costs with their units, by name.
        lineage: data, code and run, by name.
        warnings: notes that a reader of the scores needs.
    """

    variant: str
    version: str
    verdict: str
    reasons: Sequence[str]
    scores: Mapping[str, SplitScore] = field(default_factory=dict)
    cost: Mapping[str, str] = field(default_factory=dict)
    lineage: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


def model_card(card: Card) -> str:
    """Write the card in at most 4900 characters; of too many reasons the last are left out."""
    reasons = list(card.reasons)
    while len(text := _text(card, reasons)) > _MOST and reasons:
        reasons.pop()
    return text[:_MOST]


def _text(card: Card, reasons: Sequence[str]) -> str:
    left_out = len(card.reasons) - len(reasons)
    parts = [
        f"# {card.variant}, version {card.version}: {card.verdict}",
        _list([*reasons, *([f"and {left_out} more"] if left_out else [])]),
        _scores(card.scores),
        _pairs("Cost", card.cost),
        _list(card.warnings, "Read with care"),
        _pairs("Lineage", card.lineage),
        "Input: infrared frames, 8 or 16 bit, one channel or RGB, any size. "
        "Output: x, y (px, pixel centres at integers, origin top left) and score of each target, a probability where "
        "the bundle holds a calibration.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _scores(scores: Mapping[str, SplitScore]) -> str:
    known = {title: scores[split] for split, title in _SPLITS.items() if split in scores}
    return f"## Scores, [95 % intervals]\n\n{brief_table('split', known)}" if known else ""


def _pairs(title: str, values: Mapping[str, str]) -> str:
    return _list([f"{name}: {value}" for name, value in values.items()], title)


def _list(lines: Sequence[str], title: str = "") -> str:
    if not lines:
        return ""
    return (f"## {title}\n\n" if title else "") + "\n".join(f"- {line}" for line in lines)
