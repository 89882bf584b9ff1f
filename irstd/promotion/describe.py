"""The page of a version in MLflow: model card, figures and reasons as tags."""

from irstd.errors import DataError, ModelError
from irstd.evaluation.score_card import ScoreCard, read_card
from irstd.models.folder import bundle_hash
from irstd.project.paths import Layout
from irstd.promotion.card import Card, model_card
from irstd.promotion.champions import REASONS_TAG, VERDICT_TAG
from irstd.promotion.figures import Candidate, Verdict
from irstd.promotion.outcome import REFUSED, Outcome
from irstd.tracking import MODEL, VARIANT_TAG
from irstd.tracking.lineage import lineage
from irstd.tracking.registry import get_version, tag_version
from irstd.tracking.store import Store


def describe(store: Store, where: Layout, outcome: Outcome, verdict: Verdict) -> None:
    """Write the model card and the figures of a candidate to its version, and the reasons if it was refused.

    Raises:
        RegistryError: the registry refuses.
    """
    candidate = verdict.candidate
    version, evaluated = outcome.versions[candidate.bundle], _evaluated(where, candidate)
    text = model_card(
        Card(
            variant=candidate.variant,
            version=version.number,
            verdict=outcome.action if verdict.champion else REFUSED,
            reasons=[reason.text for reason in verdict.reasons],
            scores=evaluated.splits if evaluated else {},
            cost=_cost(candidate),
            lineage={**lineage(where), "bundle": candidate.bundle, "run": version.run_id},
            warnings=evaluated.warnings if evaluated else (),
        )
    )
    refused = {} if verdict.champion else {VERDICT_TAG: REFUSED, REASONS_TAG: verdict.why}
    tag_version(store, version, refused | _figures(candidate, evaluated, outcome.evaluation_set), text)


def retitle(store: Store, number: str, why: str) -> None:
    """Replace the title of a version's card after a rollback, and put the reason below it.

    Raises:
        RegistryError: the registry refuses.
    """
    version = get_version(store, number)
    _, _, rest = (store.client.get_model_version(MODEL, number).description or "").partition("\n")
    title = f"# {version.tags.get(VARIANT_TAG, '?')}, version {number}: {version.tags.get(VERDICT_TAG, '?')}"
    tag_version(store, version, {}, f"{title}\n\n- {why}\n{rest}")


def _evaluated(where: Layout, candidate: Candidate) -> ScoreCard | None:
    """Return the score card of the candidate's variant if it is of this very bundle."""
    try:
        same = bundle_hash(where.bundle(candidate.variant)) == candidate.bundle
        return read_card(where.scores(candidate.variant)) if same else None
    except (ModelError, DataError):
        return None


def _cost(candidate: Candidate) -> dict[str, str]:
    return {
        "parameters": f"{candidate.parameters / 1e6:.3f} M",
        "GMAC at 512²": f"{candidate.gmac_512:.2f}",
        "ms a frame, on the CPU that promoted it": f"{candidate.latency_ms:.1f}",
        "bundle": f"{candidate.bundle_mb:.2f} MB",
    }


def _figures(candidate: Candidate, evaluated: ScoreCard | None, evaluation_set: str | None) -> dict[str, str]:
    """Return the tags that a table of versions in MLflow can show: the score that decided, then each by its id."""
    scores = {f"irstd.val.{name}": getattr(evaluated.val, name) for name in ("hse", "hse_2")} if evaluated else {}
    shown = {
        "irstd.val.score": candidate.score,
        **scores,
        "irstd.parameters": candidate.parameters,
        "irstd.gmac_512": candidate.gmac_512,
        "irstd.latency_ms": candidate.latency_ms,
        "irstd.bundle_mb": candidate.bundle_mb,
    }
    tags = {name: "undefined" if value is None else f"{value:.6g}" for name, value in shown.items()}
    return tags | ({"irstd.evaluation_set": evaluation_set} if evaluation_set else {})
