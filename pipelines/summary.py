"""The end of `make demo`: the closing table, and the next steps."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from irstd.errors import IrstdError
from irstd.files.json_files import read_json
from irstd.project.environment import find_root
from irstd.project.paths import PROMOTION, Layout
from irstd.settings.project import Settings
from pipelines.door.console import console, say


def promotion_is_current(settings: Settings) -> bool:
    """Whether reports/promotion.json speaks of the bundles that are there and the registry still has its champion."""
    from irstd.models.bundle import bundle_hash
    from irstd.tracking import CHAMPION, alias_version, open_store

    try:
        record, where = read_json(PROMOTION), Layout(settings.dataset)
        judged = {row["variant"]: row["bundle"] for row in record["candidates"]}
        if judged != {variant: bundle_hash(where.bundle(variant)) for variant in settings.variants}:
            return False
        if record["budget"] != asdict(settings.budget) or record["gate"] != asdict(settings.gate):
            return False
        version = alias_version(open_store(find_root()), CHAMPION)
        return (version.number if version else None) == (record["champion"] or {}).get("version")
    except (IrstdError, KeyError):
        return False


def print_summary(settings: Settings) -> None:
    """Print the closing table, notes on it, and the next steps."""
    from irstd.evaluation.score_card import read_card
    from irstd.report.closing import Judged, closing_table

    where, record = Layout(settings.dataset), read_json(PROMOTION)
    rows = [
        Judged(read_card(where.scores(row["variant"])), row["champion"], _verdict(row), row["latency_ms"])
        for row in record["candidates"]
    ]
    references = (read_card(where.scores(name)) for name in settings.references)
    rows += [Judged(card, False, "a reference, never promoted", None) for card in references]
    title = f"{settings.dataset}: scores on test; HSE on validation decides who is champion"
    console.print()
    console.print(closing_table(title, rows), soft_wrap=False)
    for row in rows:
        for warning in row.card.warnings:
            say(f"* {row.card.variant}: {warning}")
    say("F1, R, Fa (px/Mpx) at each variant's operating threshold, 5 px; [95 % intervals]; GMAC at 512²;")
    say("ms/frame: this CPU; ceiling: the HSE of the true points, which have no pixels of their own (docs/hse.md)")
    say(f"report   {where.report / 'report.html'}")
    say("look     make services, then MLflow at http://127.0.0.1:5000 and Prefect at http://127.0.0.1:4200")
    say("detect   .venv/bin/irstd detect YOUR_IMAGES --out detections")


def _verdict(row: Mapping[str, Any]) -> str:
    return f"yes: {row['reasons'][0]}" if row["champion"] else f"no: {'; '.join(row['reasons'])}"
