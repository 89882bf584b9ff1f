"""The closing table: its figures, and that it fits where it is printed."""

from dataclasses import replace

from rich.console import Console

from irstd.evaluation.score_card import Ceiling
from irstd.metrics.interval import Interval
from irstd.report.closing import Judged, closing_table
from tests.report.evidence import card, score


def test_a_row_has_scores_cost_and_verdict() -> None:
    test = replace(
        score(0.3, 0).score,
        hse=48.04,
        hse_2=62.31,
        f1=0.7668,
        pd=0.8146,
        fa_per_mpx=454.84,
        intervals={
            "hse": Interval(43.2, 53.1),
            "hse_2": Interval(58.2, 66.4),
            "f1": Interval(0.711, 0.819),
            "pd": Interval(0.7, 0.9),
        },
        ceiling=Ceiling(81.04, 0.6),
    )
    learned = replace(card("spire", test, test), warnings=("seen before",))
    reference = replace(card("authors", replace(test, ceiling=None), replace(test, ceiling=None)), reference=True)
    rows = [
        Judged(learned, True, "yes: the best within the budget", 30.94),
        Judged(reference, False, "a reference, never promoted", None),
    ]
    console = Console(width=120, highlight=False)
    with console.capture() as capture:
        console.print(closing_table("demo", rows, "hse_2"))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "variant HSE ceiling HSE-2 F1 R = Pd Fa M par. GMAC ms/frame promoted, or why not" in lines
    figures = "48.0 81.0 62.3 [58, 66] 0.767 [0.71, 0.82] 0.815 454.8 0.295 4.84 30.9"
    assert any(line.startswith(f"spire * {figures} yes: ") for line in lines)
    assert any(line.startswith(f"authors {figures.replace('81.0', '–').replace('30.9', '–')} a ") for line in lines)
