"""The first lines of the report: the best variant within the budget, its scores, its cost, and on which frames."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from irstd.evaluation.score_card import ScoreCard, SplitScore
from irstd.metrics.headline import FIGURES
from irstd.metrics.interval import UNDEFINED, number
from irstd.report.results import Result

if TYPE_CHECKING:
    from irstd.settings.gate import Budget  # a type alone: which values it allows decides no byte


def verdict(results: Sequence[Result], budget: "Budget", dataset: str) -> list[str]:
    """Return the verdict as sentences.

    Args:
        results: in the order of the tables, the best on validation first.
        budget: the highest cost of a champion, and the figure that decides.
        dataset: its name.
    """
    cards = [each.card for each in results]
    rivals = [card for card in cards if not card.reference and card.trained]
    within = [card for card in rivals if fits(card, budget) and getattr(card.val, budget.figure) is not None]
    limit = f"budget: {budget.parameters_m:g} M and {budget.gmac:g}"
    frames = " and ".join(
        f"{score.frames} {name} frames with {score.targets} targets"
        for score, name in ((cards[0].val, "validation"), (cards[0].test, "test"))
    )
    lines = [*(_best(within, budget, limit) if within else _none(rivals, limit)), f"Dataset: {dataset}, {frames}."]
    return [*lines, "Who is champion the gate decides: reports/champion.html, `irstd models history`."]


def fits(card: ScoreCard, budget: "Budget") -> bool:
    """Tell whether a detector is within the budget."""
    return card.parameters <= 1e6 * budget.parameters_m and card.gmac_512 <= budget.gmac


def _best(within: Sequence[ScoreCard], budget: "Budget", limit: str) -> list[str]:
    best, figure = within[0], FIGURES[budget.figure]
    val, test = (_scored(score, budget.figure) for score in (best.val, best.test))
    found = UNDEFINED if best.test.pd is None else f"{100 * best.test.pd:.1f} %"
    lines = [
        f"{best.variant} is the best within the budget: {figure.title} {val} on validation, which decides, and {test} "
        "on test.",
        f"It finds {found} of the test targets, with {number(best.test.fa_per_mpx, 1)} px/Mpx of false alarms.",
        f"It costs {best.parameters / 1e6:.3f} M parameters and {best.gmac_512:.2f} GMAC at 512² ({limit}).",
    ]
    if len(within) > 1:
        lines.append(f"Next is {within[1].variant} with {_scored(within[1].val, budget.figure)} on validation.")
    return lines


def _none(rivals: Sequence[ScoreCard], limit: str) -> list[str]:
    if not rivals:
        return ["No variant was trained: the rows are baselines and references."]
    cost = f"{rivals[0].parameters / 1e6:.3f} M parameters, {rivals[0].gmac_512:.2f} GMAC at 512²"
    return [f"No variant with a score is within the budget; the first, {rivals[0].variant}, costs {cost} ({limit})."]


def _scored(score: SplitScore, figure: str) -> str:
    return FIGURES[figure].with_interval(getattr(score, figure), score.intervals.get(figure))
