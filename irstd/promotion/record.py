"""The record of the last promotion or rollback, reports/promotion.json."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from irstd.comparison.compare import Comparison
from irstd.files import require_room
from irstd.files.json_files import write_json
from irstd.project.paths import PROMOTION, STATE, Layout
from irstd.promotion.champions import PREVIOUS
from irstd.promotion.contest import DECIDING
from irstd.promotion.figures import Verdict
from irstd.promotion.outcome import Outcome
from irstd.settings.project import Settings
from irstd.tracking import CHAMPION, MODEL, VARIANT_TAG
from irstd.tracking.lineage import lineage
from irstd.tracking.registry import Version, alias_version
from irstd.tracking.store import Store


def require_room_for_record() -> None:
    """Raise unless the record can be written: a change of champion is not taken back if it cannot.

    Raises:
        DataError: a disk is full or read-only.
    """
    for folder in (PROMOTION.parent, STATE):
        require_room(folder)


def write_record(store: Store, settings: Settings, outcome: Outcome) -> None:
    """Write the champion, the verdicts, and the figures and data that they rest on.

    Raises:
        DataError: the file cannot be written.
        RegistryError: the registry does not answer.
    """
    content = {
        "action": outcome.action,
        "why": outcome.why,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "dataset": settings.dataset,
        "definition": settings.budget.definition,
        "split": DECIDING,
        "evaluation_set": outcome.evaluation_set,
        "model": MODEL,
        "champion": _holder(alias_version(store, CHAMPION)),
        "previous": _holder(alias_version(store, PREVIOUS)),
        "budget": asdict(settings.budget),
        "gate": asdict(settings.gate),
        "candidates": [_row(verdict, outcome.versions) for verdict in outcome.verdicts],
        "comparison": None if outcome.comparison is None else _compared(outcome.comparison),
        "lineage": lineage(Layout(settings.dataset)),
    }
    write_json(PROMOTION, content)


def _holder(version: Version | None) -> dict[str, str | None] | None:
    return {"version": version.number, "variant": version.tags.get(VARIANT_TAG)} if version else None


def _row(verdict: Verdict, versions: Mapping[str, Version]) -> dict[str, Any]:
    version = versions.get(verdict.candidate.bundle)
    return {
        **asdict(verdict.candidate),
        "score_val": verdict.candidate.score,
        "version": version.number if version else None,
        "champion": verdict.champion,
        "rules": [reason.rule for reason in verdict.reasons],
        "reasons": [reason.text for reason in verdict.reasons],
    }


def _compared(found: Comparison) -> dict[str, Any]:
    """Return the comparison with the number of changed frames in place of their list, which may be long."""
    whole = found.to_dict()
    return {**whole, "changed": len(whole["changed"])}
