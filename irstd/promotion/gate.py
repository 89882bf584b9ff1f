"""Which of several bundles is champion: the best score on validation within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A bundle that asks to be champion.

    Attributes:
        variant: its variant's name.
        bundle: hash of the bundle.
        trained: False for a detector without weights, which is a floor to compare with and never registered.
        score: on the validation split, higher is better; None where undefined.
        parameters: weights of the deployed network.
        gmac_512: multiply-accumulates for a 512 × 512 input, in 1e9.
    """

    variant: str
    bundle: str
    trained: bool
    score: float | None
    parameters: int
    gmac_512: float


@dataclass(frozen=True)
class Champion:
    """Who is champion now: the hash of its bundle, and its score on this very validation split (None: undefined)."""

    variant: str
    bundle: str
    score: float | None


@dataclass(frozen=True)
class Limits:
    """The most a champion may cost (parameters in millions, GMAC at 512 × 512), and the name of the score compared."""

    parameters_m: float
    gmac: float
    metric: str = "HSE"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a candidate, and why: at least one reason."""

    candidate: Candidate
    champion: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """The hash of the bundle that is champion from now on (None: none is), and a verdict a candidate."""

    champion: str | None
    changed: bool
    verdicts: tuple[Verdict, ...]


def decide(candidates: Sequence[Candidate], champion: Champion | None, limits: Limits) -> Decision:
    """The decision on `candidates`, all scored on one validation split, the champion too.

    A candidate must have weights and a score and keep the budget. The best of those is champion if its score is above
    the present champion's; of equal candidates the one with fewer parameters, then the first by name.
    """
    faults = {candidate.bundle: _faults(candidate, limits) for candidate in candidates}
    fit = [candidate for candidate in candidates if not faults[candidate.bundle]]
    best = min(fit, key=lambda c: (-_score(c.score), c.parameters, c.variant), default=None)
    holds = champion is not None and (best is None or _score(champion.score) >= _score(best.score))
    chosen = champion.bundle if champion is not None and holds else (best.bundle if best else None)
    verdicts = tuple(
        Verdict(c, c.bundle == chosen, faults[c.bundle] or (f"{limits.metric} {_reason(c, chosen, best, champion)}",))
        for c in candidates
    )
    return Decision(chosen, changed=chosen != (champion.bundle if champion else None), verdicts=verdicts)


def _faults(candidate: Candidate, limits: Limits) -> tuple[str, ...]:
    if not candidate.trained:
        return ("an untrained floor is never registered",)
    faults = []
    if candidate.score is None:
        faults.append(f"its {limits.metric} on validation is undefined")
    if candidate.parameters > limits.parameters_m * 1e6:
        faults.append(f"{candidate.parameters / 1e6:.3f} M parameters exceed the budget of {limits.parameters_m:g} M")
    if candidate.gmac_512 > limits.gmac:
        faults.append(f"{candidate.gmac_512:.2f} GMAC at 512² exceed the budget of {limits.gmac:g}")
    return tuple(faults)


def _reason(candidate: Candidate, chosen: str | None, best: Candidate | None, champion: Champion | None) -> str:
    score = _score(candidate.score)
    if candidate.bundle == chosen:
        if champion is None:
            return f"{score:.2f} on validation is the best within the budget; the first champion"
        if champion.bundle == chosen:
            return f"{score:.2f} on validation; champion already"
        return f"{score:.2f} on validation beats the champion's {_score(champion.score):.2f} ({champion.variant})"
    if best is not None and candidate.bundle != best.bundle and score <= _score(best.score):
        return f"{score:.2f} on validation is not above {best.variant}'s {_score(best.score):.2f}"
    held = _score(champion.score) if champion else 0.0
    return f"{score:.2f} on validation does not beat the champion's {held:.2f}"


def _score(score: float | None) -> float:
    return -1.0 if score is None else score
