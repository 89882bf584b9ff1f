"""What is kept of a promotion or a rollback: reports/promotion.json, tags of versions, model cards."""

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from irstd import __version__
from irstd.comparison.compare import Comparison
from irstd.errors import DataError, ModelError
from irstd.evaluation.score_card import ScoreCard, read_card
from irstd.files import require_room
from irstd.files.json_files import write_json
from irstd.metrics.score import DEFINITION
from irstd.models.bundle import bundle_hash
from irstd.project.paths import PROMOTION, STATE, Layout
from irstd.promotion import Candidate, Card, Verdict, model_card
from irstd.promotion.candidates import DECIDING
from irstd.promotion.champions import REASONS_TAG, VERDICT_TAG
from irstd.settings.project import Settings
from irstd.tracking import MODEL, Store, Version, alias_version, get_version, tag_version
from irstd.tracking.lineage import dataset_ref

KEPT, REFUSED = "champion kept", "refused"


@dataclass(frozen=True)
class Outcome:
    """What was decided.

    Attributes:
        action: as the history has it, or `champion kept`.
        why: in words.
        verdicts: of the candidates.
        versions: their versions, by hash of the bundle.
        comparison: of today, of champion and challenger; None where there was none.
        evaluation_set: fingerprint of the validation split; None where nothing was scored.
    """

    action: str
    why: str
    verdicts: Sequence[Verdict] = ()
    versions: Mapping[str, Version] = field(default_factory=dict)
    comparison: Comparison | None = None
    evaluation_set: str | None = None


def require_room_for_record() -> None:
    """Nothing, if what follows a change of champion can be written: asked before it, for it is not taken back.

    Raises:
        DataError: a disk is full or read-only.
    """
    for folder in (PROMOTION.parent, STATE):
        require_room(folder)


def write_record(store: Store, settings: Settings, outcome: Outcome) -> None:
    """reports/promotion.json: who is champion, why, by which figures, out of what.

    Raises:
        DataError: it cannot be written.
        RegistryError: the registry does not answer.
    """
    content = {
        "action": outcome.action,
        "why": outcome.why,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "dataset": settings.dataset,
        "definition": DEFINITION,
        "split": DECIDING,
        "evaluation_set": outcome.evaluation_set,
        "model": MODEL,
        "champion": _holder(alias_version(store, "champion")),
        "previous": _holder(alias_version(store, "previous")),
        "budget": asdict(settings.budget),
        "gate": asdict(settings.gate),
        "candidates": [_row(verdict, outcome.versions) for verdict in outcome.verdicts],
        "comparison": None if outcome.comparison is None else _compared(outcome.comparison),
        "lineage": lineage(Layout(settings.dataset)),
    }
    write_json(PROMOTION, content)


def describe(store: Store, where: Layout, outcome: Outcome, verdict: Verdict) -> None:
    """Model card, figures and, for one that was refused, the reasons of a candidate, at its version.

    Raises:
        RegistryError: the registry refuses.
    """
    candidate, said = verdict.candidate, outcome.action if verdict.champion else REFUSED
    version, evaluated = outcome.versions[candidate.bundle], _evaluated(where, candidate)
    text = model_card(
        Card(
            variant=candidate.variant,
            version=version.number,
            verdict=said,
            reasons=verdict.reasons,
            scores=evaluated.splits if evaluated else {},
            cost=_cost(candidate),
            lineage={**lineage(where), "bundle": candidate.bundle, "run": version.run_id},
            warnings=evaluated.warnings if evaluated else (),
        )
    )
    refused = {} if verdict.champion else {VERDICT_TAG: REFUSED, REASONS_TAG: "; ".join(verdict.reasons)}
    tag_version(store, version, refused | _figures(candidate, outcome), text)


def retitle(store: Store, number: str, why: str) -> None:
    """The card of a version that became something else: its first line and the reason, all else as it was.

    Raises:
        RegistryError: the registry refuses.
    """
    version = get_version(store, number)
    _, _, rest = (store.client.get_model_version(MODEL, number).description or "").partition("\n")
    title = f"# {version.tags.get('irstd.variant', '?')}, version {number}: {version.tags.get(VERDICT_TAG, '?')}"
    tag_version(store, version, {}, f"{title}\n\n- {why}\n{rest}")


def lineage(where: Layout) -> dict[str, str]:
    """Where what is there came from: dataset, dvc.lock, commit, code."""
    dataset, lock = dataset_ref(where), Path("dvc.lock")
    found = {"dataset": f"{dataset.name}, {dataset.digest}", "irstd": str(__version__)}
    if lock.is_file():
        found["dvc.lock"] = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    commit = _commit()
    return {**found, "commit": commit} if commit else found


def _evaluated(where: Layout, candidate: Candidate) -> ScoreCard | None:
    """Return the score card of the candidate's variant if it is of this very bundle."""
    try:
        same = bundle_hash(where.bundle(candidate.variant)) == candidate.bundle
        return read_card(where.scores(candidate.variant)) if same else None
    except (ModelError, DataError):
        return None


def _commit() -> str:
    try:
        said = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:  # no git
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""


def _holder(version: Version | None) -> dict[str, str | None] | None:
    return {"version": version.number, "variant": version.tags.get("irstd.variant")} if version else None


def _row(verdict: Verdict, versions: Mapping[str, Version]) -> dict[str, Any]:
    plain = asdict(verdict.candidate)
    version = versions.get(verdict.candidate.bundle)
    return {
        **plain,
        "score_val": plain.pop("score"),
        "version": version.number if version else None,
        "champion": verdict.champion,
        "reasons": list(verdict.reasons),
    }


def _compared(found: Comparison) -> dict[str, Any]:
    """The comparison without its list of frames, which may be long."""
    whole = found.to_dict()
    return {**whole, "changed": len(whole["changed"])}


def _cost(candidate: Candidate) -> dict[str, str]:
    return {
        "parameters": f"{candidate.parameters / 1e6:.3f} M",
        "GMAC at 512²": f"{candidate.gmac_512:.2f}",
        "ms a frame, on the CPU that promoted it": f"{candidate.latency_ms:.1f}",
        "bundle": f"{candidate.bundle_mb:.2f} MB",
    }


def _figures(candidate: Candidate, outcome: Outcome) -> dict[str, str]:
    """The figures that a table of versions in MLflow should have."""
    shown = {
        "irstd.val.score": candidate.score,
        "irstd.parameters": candidate.parameters,
        "irstd.gmac_512": candidate.gmac_512,
        "irstd.latency_ms": candidate.latency_ms,
        "irstd.bundle_mb": candidate.bundle_mb,
    }
    tags = {name: "undefined" if value is None else f"{value:.6g}" for name, value in shown.items()}
    return tags | ({"irstd.evaluation_set": outcome.evaluation_set} if outcome.evaluation_set else {})
