"""The outcome of a promotion or a rollback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from irstd.comparison.compare import Comparison
from irstd.promotion.figures import Champion, Decision, Verdict
from irstd.promotion.history import BY_GATE
from irstd.tracking.registry import Version

KEPT, REFUSED = "champion kept", "refused"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a promotion or a rollback.

    Attributes:
        action: an action of the history, or `KEPT`.
        why: the reasons as one line.
        before: the champion until now; None without one.
        champion: the champion from now on.
        verdicts: of the candidates.
        versions: of the candidates that are registered, by hash of the bundle.
        comparison: of champion and challenger today; None without one.
        evaluation_set: fingerprint of the validation split; None if nothing was scored.
    """

    action: str
    why: str
    before: Champion | None = None
    champion: Champion | None = None
    verdicts: Sequence[Verdict] = ()
    versions: Mapping[str, Version] = field(default_factory=dict)
    comparison: Comparison | None = None
    evaluation_set: str | None = None

    @property
    def changed(self) -> bool:
        """True if another version is champion than before."""
        return self.action != KEPT

    @property
    def line(self) -> str:
        """The outcome as one line."""
        if self.champion is None:
            return f"there is no champion: {self.why}"
        return f"version {self.champion.version} {'is' if self.changed else 'stays'} champion: {self.why}"


def outcome_of(
    decision: Decision,
    before: Champion | None,
    versions: Mapping[str, Version],
    comparison: Comparison | None,
    evaluation_set: str,
) -> Outcome:
    """Return the outcome of a decision of the gate; `before` is the champion that it was taken against."""
    shown, champion = decision.verdicts, before
    if decision.changed and decision.champion is not None:
        shown = tuple(verdict for verdict in decision.verdicts if verdict.champion)
        champion = Champion(versions[decision.champion].number, shown[0].candidate.variant, decision.champion)
    action = BY_GATE if decision.changed else KEPT
    why = " | ".join(f"{verdict.candidate.variant}: {verdict.why}" for verdict in shown)
    return Outcome(action, why, before, champion, decision.verdicts, versions, comparison, evaluation_set)
