"""The rules of the gate. Each is a function that returns the reason to refuse, or None.

To add a rule: write it here, put it into `OWN_RULES` or `CONTEST_RULES`, its setting into `Gate`
(irstd/settings/gate.py), its case into tests/promotion/test_rules.py, and a row into docs/operations.md.
"""

from collections.abc import Callable
from math import isfinite

from irstd.metrics.interval import Interval, with_interval
from irstd.promotion.figures import Candidate, Case, Limits, Reason

OwnRule = Callable[[Candidate, Limits], Reason | None]
ContestRule = Callable[[Case], Reason | None]

ROUND_TRIP = 0.1
"""Points of score that a bundle may differ by between its evaluation and its score out of the registry: threads,
machines and GPUs round differently."""


def own_faults(candidate: Candidate, limits: Limits) -> tuple[Reason, ...]:
    """Return the reasons against a candidate that need no comparison."""
    if not candidate.trained:
        return (Reason("untrained", "an untrained baseline is never registered"),)
    return tuple(reason for rule in OWN_RULES if (reason := rule(candidate, limits)))


def contest_faults(case: Case) -> tuple[Reason, ...]:
    """Return the reasons against a challenger from today's figures."""
    today = case.contest.challenger
    if any(each is None or not isfinite(each) for each in (today.score, today.pd, today.fa_per_mpx)):
        text = f"its {case.limits.score_name}, Pd or Fa out of the registry is undefined or no finite number"
        return (Reason("undefined", text),)
    return tuple(reason for rule in CONTEST_RULES if (reason := rule(case)))


def _withdrawn(candidate: Candidate, limits: Limits) -> Reason | None:
    return Reason("withdrawn", candidate.withdrawn) if candidate.withdrawn else None


def _least_score(candidate: Candidate, limits: Limits) -> Reason | None:
    score, name = candidate.score, limits.score_name
    if score is None or not isfinite(score):
        is_what = "undefined" if score is None else "no finite number"
        return Reason("undefined", f"its {name} on validation is {is_what}")
    if score < limits.least_score:
        text = f"{name} {score:.2f} on validation is below the minimum of {limits.least_score:g}"
        return Reason("least_score", text, score)
    return None


def _cost(setting: str, text: str, cost_of: Callable[[Candidate], float]) -> OwnRule:
    """Return the rule that a cost is at most the setting; `text` has places for both."""

    def rule(candidate: Candidate, limits: Limits) -> Reason | None:
        cost, most = cost_of(candidate), getattr(limits, setting)
        return None if cost <= most else Reason(setting, text.format(cost, most), cost)  # NaN is refused

    return rule


def _round_trip(case: Case) -> Reason | None:
    today, before = case.contest.challenger.score or 0.0, case.challenger.score or 0.0
    if abs(today - before) <= ROUND_TRIP:
        return None
    text = f"{case.limits.score_name} {today:.2f} out of the registry is not the {before:.2f} of its evaluation"
    return Reason("round_trip", text, today)


def _least_pd(case: Case) -> Reason | None:
    pd, least = case.contest.challenger.pd, case.limits.least_pd
    return Reason("least_pd", f"Pd {pd:.3f} is below the minimum of {least:g}", pd) if (pd or 0.0) < least else None


def _min_gain(case: Case) -> Reason | None:
    gain, least = case.contest.gain, case.limits.min_gain
    if case.contest.champion is None or (gain is not None and gain[0] > least):
        return None
    text = f"{score_today(case)} does not beat {champion_today(case)} beyond chance: {gain_today(case)} is not above"
    return Reason("min_gain", f"{text} {least:g}", gain[0] if gain else None)


def _pd_loss(case: Case) -> Reason | None:
    before, pd, most = case.contest.champion, case.contest.challenger.pd, case.limits.pd_loss
    if before is None or before.pd is None or pd is None or pd >= before.pd - most:
        return None
    return Reason("pd_loss", f"Pd {pd:.3f} falls from {before.pd:.3f} by more than {most:g}", pd)


def _fa_rise(case: Case) -> Reason | None:
    before, fa, most = case.contest.champion, case.contest.challenger.fa_per_mpx, case.limits.fa_rise_per_mpx
    if before is None or before.fa_per_mpx is None or fa is None or fa <= before.fa_per_mpx + most:
        return None
    text = f"Fa {fa:.1f} px/Mpx rises from {before.fa_per_mpx:.1f} by more than {most:g}"
    return Reason("fa_rise_per_mpx", text, fa)


OWN_RULES: tuple[OwnRule, ...] = (
    _withdrawn,
    _least_score,
    _cost("parameters_m", "{:.3f} M parameters exceed the budget of {:g} M", lambda each: each.parameters / 1e6),
    _cost("gmac", "{:.2f} GMAC at 512² exceed the budget of {:g}", lambda each: each.gmac_512),
    _cost("latency_ms", "{:.1f} ms a frame exceed the budget of {:g}", lambda each: each.latency_ms),
    _cost("bundle_mb", "a bundle of {:.2f} MB exceeds the budget of {:g}", lambda each: each.bundle_mb),
)
CONTEST_RULES: tuple[ContestRule, ...] = (_round_trip, _least_pd, _min_gain, _pd_loss, _fa_rise)


def score_today(case: Case) -> str:
    """Write the challenger's score, `HSE 60.00 on validation`."""
    return f"{case.limits.score_name} {shown(case.contest.challenger.score, 2)} on validation"


def champion_today(case: Case) -> str:
    """Write the champion's score, `the champion's 55.00 (version 3, spire)`."""
    champion, its = case.champion, case.contest.champion
    who = f" (version {champion.version}, {champion.variant})" if champion else ""
    return f"the champion's {shown(its.score if its else None, 2)}{who}"


def gain_today(case: Case) -> str:
    """Write the gain with its interval, `+3.20 [+1.10, +5.30]`."""
    mine, its, gain = case.contest.challenger, case.contest.champion, case.contest.gain
    if its is None or mine.score is None or its.score is None or gain is None:
        return "an undefined gain"
    return with_interval(mine.score - its.score, Interval(*gain), (2, 2), signed=True)


def shown(value: float | None, digits: int) -> str:
    """Write a value, or `undefined`."""
    return "undefined" if value is None else f"{value:.{digits}f}"
