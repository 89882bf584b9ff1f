"""The gate: the best candidate on validation becomes champion if no rule refuses it.

It takes two steps, since only one candidate is scored again beside the champion: `nominate`, then `decide`.
"""

from collections.abc import Sequence

from irstd.promotion.figures import Candidate, Case, Champion, Contest, Decision, Limits, Reason, Verdict
from irstd.promotion.rules import champion_today, contest_faults, gain_today, own_faults, score_today, shown


def nominate(candidates: Sequence[Candidate], limits: Limits) -> Candidate | None:
    """Return the challenger: the best score among the candidates without a fault of their own; None without any.

    Of equal scores the one with fewer parameters, then the first by name.
    """
    fit = [candidate for candidate in candidates if not own_faults(candidate, limits)]
    return min(fit, key=lambda each: (-(each.score or 0.0), each.parameters, each.variant), default=None)


def decide(
    candidates: Sequence[Candidate], champion: Champion | None, contest: Contest | None, limits: Limits
) -> Decision:
    """Decide on all candidates.

    Args:
        candidates: bundles with their figures.
        champion: the present one; None without one.
        contest: of the challenger with the champion; None without a challenger other than the champion.
        limits: of the gate.

    Raises:
        ValueError: there is a challenger other than the champion, and no contest.
    """
    challenger = nominate(candidates, limits)
    held, said = champion.bundle if champion else None, None
    if challenger is not None and challenger.bundle == held:
        text = f"{limits.score_name} {shown(challenger.score, 2)} on validation; champion already"
        said = Verdict(challenger, True, (Reason("champion", text, challenger.score),))
    elif challenger is not None:
        if contest is None:
            raise ValueError("a challenger needs a contest")
        said = judge(Case(challenger, champion, contest, limits))
    chosen = challenger.bundle if challenger and said and said.champion else held
    verdicts = tuple(
        Verdict(each, each.bundle == chosen, said.reasons)
        if said is not None and each.bundle == said.candidate.bundle
        else _not_nominated(each, challenger, held, limits)
        for each in candidates
    )
    return Decision(chosen, chosen != held, verdicts)


def judge(case: Case) -> Verdict:
    """Judge a challenger; the reasons are all that speak against it, or else all that speak for it."""
    against = (*own_faults(case.challenger, case.limits), *contest_faults(case))
    return Verdict(case.challenger, not against, against or _in_favour(case))


def _in_favour(case: Case) -> tuple[Reason, ...]:
    mine, its, cost = case.contest.challenger, case.contest.champion, case.challenger
    if its is None:
        won = Reason("first", f"{score_today(case)} is the best within the budget; the first champion", mine.score)
    else:
        gain = f"{gain_today(case)} is above {case.limits.min_gain:g}"
        won = Reason("gain", f"{score_today(case)} beats {champion_today(case)}: {gain}", mine.score)
    before = f", before {shown(its.pd, 3)} and {shown(its.fa_per_mpx, 1)}" if its else ""
    return (
        won,
        Reason("figures", f"Pd {shown(mine.pd, 3)}, Fa {shown(mine.fa_per_mpx, 1)} px/Mpx{before}"),
        Reason(
            "cost",
            f"{cost.parameters / 1e6:.3f} M parameters, {cost.gmac_512:.2f} GMAC at 512², "
            f"{cost.latency_ms:.1f} ms a frame, {cost.bundle_mb:.2f} MB: within the budget",
        ),
        Reason(
            "round_trip", f"scores {case.limits.score_name} {shown(mine.score, 2)} out of the registry, as evaluated"
        ),
    )


def _not_nominated(candidate: Candidate, challenger: Candidate | None, held: str | None, limits: Limits) -> Verdict:
    holds = candidate.bundle == held
    reasons = own_faults(candidate, limits)
    if not reasons and challenger is not None:
        best = f"{challenger.variant}'s {shown(challenger.score, 2)}"
        text = f"{limits.score_name} {shown(candidate.score, 2)} on validation is not above {best}"
        reasons = (Reason("not_best", text, candidate.score),)
    return Verdict(candidate, holds, ((Reason("champion", "champion still"),) if holds else ()) + reasons)
