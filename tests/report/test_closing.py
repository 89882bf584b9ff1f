"""The closing table: its figures, and that it fits where it is printed."""

from dataclasses import replace

import pytest
from rich.cells import cell_len
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
        ceiling=Ceiling(81.04, 0.6, 90.26, 0.8),
    )
    learned = replace(card("spire", test, test), warnings=("seen before",))
    reference = replace(card("authors", replace(test, ceiling=None), replace(test, ceiling=None)), reference=True)
    rows = [
        Judged(learned, True, "yes: the best within the budget", 30.94),
        Judged(reference, False, "a reference, never promoted", None),
    ]
    console = Console(width=120, highlight=False)
    with console.capture() as capture:
        console.print(closing_table("demo", rows, "hse_2", 120))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "variant HSE HSE-2 ceiling F1 R = Pd Fa M par. GMAC ms/frame promoted, or why not" in lines
    figures = "48.0 62.3 [58, 66] 90.3 0.767 [0.71, 0.82] 0.815 454.8 0.295 4.84 30.9"
    assert any(line.startswith(f"spire * {figures} yes: ") for line in lines)
    assert any(line.startswith(f"authors {figures.replace('90.3', '–').replace('30.9', '–')} a ") for line in lines)


@pytest.mark.parametrize("width", [24, 40, 80, 100, 119, 120, 200])
@pytest.mark.parametrize("name", ["spire", "fdep-mshnet-with-dinov2-and-a-name-longer-than-any-terminal-" * 2])
def test_nothing_is_cut_off_on_any_terminal(width: int, name: str) -> None:
    test = replace(score(0.3, 0).score, hse_2=62.31, intervals={"hse_2": Interval(58.2, 66.4)})
    why = "no: HSE-2 [62.31] on validation is not above another_variant_with_a_long_name's 81.55"
    rows = [Judged(card(name, test, test), False, why, 30.94)]
    console = Console(width=width, highlight=False)
    with console.capture() as capture:
        console.print(closing_table("a title that is longer than the narrowest of them", rows, "hse_2", width))
    lines = capture.get().splitlines()
    assert max(map(cell_len, lines)) <= width
    shown = "".join("".join(lines).split())
    assert "…" not in shown
    for part in (name, "62.3[58,66]", "0.295", "30.9"):
        assert "".join(part.split()) in shown
    for word in why.split():  # a word longer than its column is folded
        assert word in shown or len(word) > 24


def test_a_verdict_of_the_demo_is_whole_in_120_columns() -> None:
    test = replace(score(0.3, 0).score, hse=61.0, hse_2=84.0, f1=0.87, pd=0.867, fa_per_mpx=1158.9)
    test = replace(test, intervals={"hse_2": Interval(77.0, 90.0), "f1": Interval(0.82, 0.91)})
    why = "yes: HSE-2 82.21 on validation is the best within the budget; the first champion"
    console = Console(width=120, highlight=False)
    with console.capture() as capture:
        console.print(closing_table("demo", [Judged(card("spire-plus", test, test), True, why, 56.9)], "hse_2", 120))
    shown = capture.get()
    assert "promoted, or why not" in shown  # as a table
    assert all(word in shown for word in why.split())
