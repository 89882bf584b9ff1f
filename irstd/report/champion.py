"""The page of the champion: which version it is, what changed with it, and what became of the other candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irstd.files import make_folder, write_bytes
from irstd.metrics.headline import FIGURES, HEADLINE
from irstd.metrics.interval import Interval, number
from irstd.report.pages import rendered
from irstd.settings.gate import DECIDES

PAGE = Path("reports/champion.html")
_MARKDOWN, _HTML = "champion.md.j2", "champion.html.j2"


@dataclass(frozen=True)
class Table:
    """A table with its heading."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_champion(record: Mapping[str, Any]) -> None:
    """Write reports/champion.html from the record of the last promotion or rollback, reports/promotion.json.

    Raises:
        DataError: it cannot be written.
    """
    make_folder(PAGE.parent)
    write_bytes(PAGE, rendered(_HTML, _content(record)))


def champion_markdown(record: Mapping[str, Any]) -> str:
    """Return the same page in Markdown."""
    return rendered(_MARKDOWN, _content(record)).decode()


def _content(record: Mapping[str, Any]) -> dict[str, Any]:
    tables = [*_changes(record), *_candidates(record["candidates"])]
    return {"title": _title(record), "lines": _lines(record), "tables": tables}


def _title(record: Mapping[str, Any]) -> str:
    champion = record["champion"]
    if champion is None:
        return "There is no champion"
    return f"Champion: {champion['variant']}, version {champion['version']}"


def _lines(record: Mapping[str, Any]) -> list[str]:
    """Return the verdict: the score, what it costs, on which frames, what happened and why."""
    lines = list[str]()
    own = next((each for each in record["candidates"] if each["champion"]), None)
    compared = _model(record, (record["champion"] or {}).get("version"))
    figure = FIGURES[DECIDES[record["budget"]["metric"]]]
    if compared is not None:
        lines.append(f"{figure.title} {_estimate(figure, compared['figures'][figure.id])} on validation, scored today.")
    elif own is not None:
        lines.append(f"{figure.title} {number(own['score'], 2)} on validation.")
    if own is not None:
        lines.append(
            f"It costs {own['parameters'] / 1e6:.3f} M parameters, {own['gmac_512']:.2f} GMAC at 512², "
            f"{own['latency_ms']:.1f} ms a frame on the machine that promoted it, {own['bundle_mb']:.2f} MB."
        )
    found = record["comparison"]
    frames = f", {found['frames']} validation frames with {found['targets']} targets" if found else ""
    happened = f"{record['action'].capitalize()} at {record['when'][:16].replace('T', ' ')} UTC: {record['why']}."
    return [*lines, f"Dataset: {record['dataset']}{frames}.", happened]


def _changes(record: Mapping[str, Any]) -> list[Table]:
    """Return the table of champion and challenger on the same frames, if two were compared."""
    found = record["comparison"]
    if not found or len(found["models"]) < 2:
        return []
    before, now = found["models"][0], found["models"][-1]
    took = now["name"] == (record["champion"] or {}).get("version")
    rows = [
        [
            figure.heading,
            _estimate(figure, before["figures"][figure.id]),
            _estimate(figure, now["figures"][figure.id]),
            _estimate(figure, now["differences"][figure.id], signed=True),
        ]
        for figure in HEADLINE
    ]
    rows.append(["frames with other hits, misses or false alarms", "", "", f"{found['changed']} of {found['frames']}"])
    title = "What changed since the last champion" if took else "Challenger against the champion, refused"
    headings = ["on validation", f"version {before['name']}", f"version {now['name']}", "difference [95 % interval]"]
    return [Table(title, headings, rows)]


def _candidates(candidates: Sequence[Mapping[str, Any]]) -> list[Table]:
    if not candidates:
        return []
    rows = [
        [
            str(each["variant"]),
            str(each["version"] or "–"),
            number(each["score"], 2),
            f"{each['parameters'] / 1e6:.3f}",
            f"{each['gmac_512']:.2f}",
            f"{each['latency_ms']:.1f}",
            "; ".join(each["reasons"]),
        ]
        for each in candidates
    ]
    headings = ["variant", "version", "score", "M par.", "GMAC 512²", "ms/frame", "verdict"]
    return [Table("Candidates", headings, rows)]


def _model(record: Mapping[str, Any], version: str | None) -> Mapping[str, Any] | None:
    models = (record["comparison"] or {}).get("models", ())
    return next((each for each in models if each["name"] == version), None)


def _estimate(figure: Any, estimate: Mapping[str, Any], *, signed: bool = False) -> str:
    ends = estimate["interval"]
    interval = None if ends is None else Interval(ends["low"], ends["high"])
    return str(figure.with_interval(estimate["value"], interval, signed=signed))
