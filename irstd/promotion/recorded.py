"""The verdicts of the last promotion, read back from its record; torch and MLflow, which take seconds, stay out."""

import os
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from irstd.errors import IrstdError
from irstd.files.json_files import read_json
from irstd.models.folder import bundle_hash
from irstd.project.environment import find_root
from irstd.project.paths import PROMOTION, Layout
from irstd.promotion.figures import Candidate, Reason, Verdict
from irstd.settings.project import Settings
from irstd.tracking import CHAMPION
from irstd.tracking.embedded import aliased


def current_verdicts(settings: Settings) -> tuple[Verdict, ...] | None:
    """Return the verdicts on record; None unless they are of today's bundles, limits and champion."""
    where = Layout(settings.dataset)
    try:
        record = read_json(PROMOTION)
        verdicts = tuple(_verdict(row) for row in record["candidates"])
        judged = {verdict.candidate.variant: verdict.candidate.bundle for verdict in verdicts}
        current = (
            judged == {variant: bundle_hash(where.bundle(variant)) for variant in settings.variants}
            and record["budget"] == asdict(settings.budget)
            and record["gate"] == asdict(settings.gate)
            and _champion() == (record["champion"] or {}).get("version")
        )
    except (IrstdError, KeyError):
        return None
    return verdicts if current else None


def _champion() -> str | None:
    """Return the version of the champion; None without one."""
    root = find_root()
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return aliased(root / "var" / "mlflow.db", CHAMPION)
    from irstd.tracking.registry import alias_version  # noqa: PLC0415 - a server answers MLflow alone
    from irstd.tracking.store import open_store  # noqa: PLC0415

    found = alias_version(open_store(root), CHAMPION)
    return found.number if found else None


def _verdict(row: Mapping[str, Any]) -> Verdict:
    reasons = tuple(Reason(rule, text) for rule, text in zip(row["rules"], row["reasons"], strict=False))
    return Verdict(Candidate(**{each.name: row[each.name] for each in fields(Candidate)}), row["champion"], reasons)
