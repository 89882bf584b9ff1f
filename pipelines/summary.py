"""The end of `make demo`: the closing table, and the next steps."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from irstd.project.paths import Layout
from irstd.settings.project import Settings
from pipelines.door.console import console, say

if TYPE_CHECKING:
    from irstd.promotion.figures import Verdict


def print_summary(settings: Settings, verdicts: "Sequence[Verdict]") -> None:
    """Print the closing table, notes on it, and the next steps."""
    from irstd.evaluation.score_card import read_card
    from irstd.metrics.headline import FIGURES
    from irstd.report.champion import PAGE as CHAMPION_PAGE
    from irstd.report.closing import Judged, closing_table

    where, rows = Layout(settings.dataset), list[Judged]()
    for verdict in verdicts:
        each = verdict.candidate
        said = f"yes: {verdict.reasons[0].text}" if verdict.champion else f"no: {verdict.why}"
        rows.append(Judged(read_card(where.scores(each.variant)), verdict.champion, said, each.latency_ms))
    references = (read_card(where.scores(name)) for name in settings.references)
    rows += [Judged(card, False, "a reference, never promoted", None) for card in references]
    decides = settings.budget.figure
    title = f"{settings.dataset}: scores on test; {FIGURES[decides].title} on validation decides who is champion"
    console.print()
    console.print(closing_table(title, rows, decides, console.width), soft_wrap=False)
    for row in rows:
        for warning in row.card.warnings:
            say(f"* {row.card.variant}: {warning}")
    say("F1, R, Fa (px/Mpx) at each variant's operating threshold, 5 px; [95 % intervals]; GMAC at 512²;")
    whole = FIGURES["hse_2" if decides == "hse_2" else "hse"].title
    say(f"ms/frame: this CPU; ceiling: the {whole} of the true points, which have no pixels of their own (docs/hse.md)")
    say(f"report   {where.report / 'report.html'}, {CHAMPION_PAGE}")
    say("look     make services, then MLflow at http://127.0.0.1:5000 and Prefect at http://127.0.0.1:4200")
    say("detect   .venv/bin/irstd detect YOUR_IMAGES --out detections")
