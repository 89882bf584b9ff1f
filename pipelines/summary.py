"""What `make demo` ends with: the table of all variants, and where to go from there."""

from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from irstd.errors import IrstdError
from irstd.files.json_files import read_json
from irstd.project.environment import find_root
from irstd.project.paths import PROMOTION, Layout
from irstd.settings.project import Settings
from pipelines.door import console, say


def promotion_is_current(settings: Settings) -> bool:
    """Whether reports/promotion.json speaks of the bundles that are there and the registry still has its champion."""
    from irstd.models.bundle import bundle_hash  # noqa: PLC0415 - torch takes seconds, help does not need it
    from irstd.tracking import CHAMPION, alias_version, open_store  # noqa: PLC0415 - MLflow likewise

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
    """The table (test split, at each variant's operating threshold) and the next steps."""
    where, record = Layout(settings.dataset), read_json(PROMOTION)
    title = f"{settings.dataset}: scores on test; HSE on validation decides who is champion"
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("variant", style="bold", no_wrap=True)
    for name in ("HSE", "ceiling", "F1", "R = Pd", "Fa·1e-6", "M par.", "GMAC", "ms/frame"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("promoted, or why not", min_width=24, overflow="fold")
    notes = []
    for row in [*record["candidates"], *({"variant": name} for name in settings.references)]:
        card = read_json(where.scores(row["variant"]) / "score.json")
        notes += [f"* {row['variant']}: {warning}" for warning in card["warnings"]]
        style = ("green" if row["champion"] else None) if "champion" in row else "dim"
        table.add_row(*_cells({**card, **row}, card["test"]), style=style)
    console.print()
    console.print(table, soft_wrap=False)
    for note in notes:
        say(note)
    say("F1, R, Fa at each variant's operating threshold, 5 px; [95 % intervals]; GMAC at 512²; ms/frame: this CPU;")
    say("ceiling: the HSE of the true points, which have no pixels of their own (docs/hse.md)")
    say(f"report   {where.report / 'report.html'}")
    say("look     make services, then MLflow at http://127.0.0.1:5000 and Prefect at http://127.0.0.1:4200")
    say("detect   .venv/bin/irstd detect YOUR_IMAGES --out detections")


def _cells(row: dict[str, Any], score: dict[str, Any]) -> list[str]:
    return [
        f"{row['variant']} *" if row["warnings"] else row["variant"],
        _number(score["hse"], 1) + _interval(score, "hse", 0),
        _number((score.get("ceiling") or {}).get("hse"), 1),
        _number(score["f1"], 3) + _interval(score, "f1", 2),
        _number(score["pd"], 3),
        _number(score["fa_per_mpx"], 1),
        f"{row['parameters'] / 1e6:.3f}",
        f"{row['gmac_512']:.2f}",
        _number(row.get("latency_ms"), 1),
        "a reference, never promoted" if row.get("reference") else _verdict(row),
    ]


def _verdict(row: dict[str, Any]) -> str:
    return f"yes: {row['reasons'][0]}" if row["champion"] else f"no: {'; '.join(row['reasons'])}"


def _interval(score: dict[str, Any], figure: str, digits: int) -> str:
    ends = score["intervals"][figure]
    return "" if ends is None else f" [{_number(ends[0], digits)}, {_number(ends[1], digits)}]"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
