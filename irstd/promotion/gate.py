"""Who becomes champion: the best candidate on validation, if it beats the champion beyond chance and costs no more.

Two steps, since only one candidate is scored again beside the champion: `nominate` it, then `decide`.
"""

from collections.abc import Sequence
from math import isfinite

from irstd.metrics.interval import Interval, with_interval
from irstd.promotion.figures import Candidate, Champion, Contest, Decision, Limits, Measured, Verdict

ROUND_TRIP = 0.1
"""Points of score that a bundle may lose or gain between its evaluation and its score out of the registry: threads,
machines and GPUs round otherwise."""


def nominate(candidates: Sequence[Candidate], limits: Limits) -> Candidate | None:
    """The challenger: of the candidates without a fault of their own the one that scores best; None where none is.

    Of equal ones the one with fewer parameters, then the first by name.
    """
    fit = [candidate for candidate in candidates if not own_faults(candidate, limits)]
    return min(fit, key=lambda each: (-(each.score or 0.0), each.parameters, each.variant), default=None)


def decide(
    candidates: Sequence[Candidate], champion: Champion | None, contest: Contest | None, limits: Limits
) -> Decision:
    """The decision, `contest` being the challenger's with the champion; None where nobody challenges it.

    Raises:
        ValueError: there is a challenger other than the champion, and no contest.
    """
    challenger = nominate(candidates, limits)
    held = champion.bundle if champion else None
    rises, said = False, tuple[str, ...]()
    if challenger is not None and challenger.bundle == held:
        said = (f"{limits.score_name} {_points(challenger.score)} on validation; champion already",)
    elif challenger is not None:
        if contest is None:
            raise ValueError("a challenger needs a contest")
        rises, said = judge(challenger, champion, contest, limits)
    chosen = challenger.bundle if challenger is not None and rises else held
    verdicts = tuple(
        Verdict(each, each.bundle == chosen, _reasons(each, challenger, said, held, limits)) for each in candidates
    )
    return Decision(chosen, changed=chosen != held, verdicts=verdicts)


def judge(
    challenger: Candidate, champion: Champion | None, contest: Contest, limits: Limits
) -> tuple[bool, tuple[str, ...]]:
    """Whether the challenger becomes champion, and why: all that stands against it, else all that speaks for it."""
    against = (
        *own_faults(challenger, limits),
        *_today(challenger, contest.challenger, limits),
        *(_against(champion, contest.champion, contest, limits) if champion and contest.champion else ()),
    )
    if against:
        return False, against
    return True, (_win(champion, contest, limits), *_for(challenger, contest, limits))


def own_faults(candidate: Candidate, limits: Limits) -> tuple[str, ...]:
    """What keeps a candidate from being champion, whoever else there is."""
    if not candidate.trained:
        return ("an untrained floor is never registered",)
    score, metric = candidate.score, limits.score_name
    faults = [candidate.withdrawn] if candidate.withdrawn else []
    if score is None or not isfinite(score):
        faults.append(f"its {metric} on validation is {'undefined' if score is None else 'no finite number'}")
    elif score < limits.least_score:
        faults.append(f"{metric} {score:.2f} on validation is below the floor of {limits.least_score:g}")
    costs = (
        (candidate.parameters / 1e6, limits.parameters_m, "{:.3f} M parameters exceed the budget of {:g} M"),
        (candidate.gmac_512, limits.gmac, "{:.2f} GMAC at 512² exceed the budget of {:g}"),
        (candidate.latency_ms, limits.latency_ms, "{:.1f} ms a frame exceed the budget of {:g}"),
        (candidate.bundle_mb, limits.bundle_mb, "a bundle of {:.2f} MB exceeds the budget of {:g}"),
    )
    # Not `cost > most`, which lets what is no number pass.
    return (*faults, *(text.format(cost, most) for cost, most, text in costs if not cost <= most))


def _today(challenger: Candidate, today: Measured, limits: Limits) -> tuple[str, ...]:
    """What its figures of today say against it."""
    figures = (today.score, today.pd, today.fa_per_mpx)
    if any(each is None or not isfinite(each) for each in figures):
        return (f"its {limits.score_name}, Pd or Fa out of the registry is undefined or no finite number",)
    score, pd, _ = (float(each or 0.0) for each in figures)
    faults = []
    if abs(score - (challenger.score or 0.0)) > ROUND_TRIP:
        faults.append(
            f"{limits.score_name} {score:.2f} out of the registry is not the {_points(challenger.score)} of its"
            " evaluation"
        )
    if pd < limits.least_pd:
        faults.append(f"Pd {pd:.3f} is below the floor of {limits.least_pd:g}")
    return tuple(faults)


def _against(champion: Champion, its: Measured, contest: Contest, limits: Limits) -> tuple[str, ...]:
    """What the comparison with the champion, whose figures `its` are, says against the challenger."""
    mine, gain, who = contest.challenger, contest.gain, _champions(champion, its)
    faults = []
    if gain is None or not gain[0] > limits.min_gain:
        faults.append(
            f"{limits.score_name} {_points(mine.score)} on validation does not beat {who} beyond chance: "
            f"{_gain(mine, its, contest)} is not above {limits.min_gain:g}"
        )
    if mine.pd is not None and its.pd is not None and not mine.pd >= its.pd - limits.pd_loss:
        faults.append(f"Pd {mine.pd:.3f} falls from {its.pd:.3f} by more than {limits.pd_loss:g}")
    most = None if its.fa_per_mpx is None else its.fa_per_mpx + limits.fa_rise_per_mpx
    if mine.fa_per_mpx is not None and most is not None and not mine.fa_per_mpx <= most:
        rise = f"rises from {its.fa_per_mpx:.1f} by more than {limits.fa_rise_per_mpx:g}"
        faults.append(f"Fa {mine.fa_per_mpx:.1f} px/Mpx {rise}")
    return tuple(faults)


def _win(champion: Champion | None, contest: Contest, limits: Limits) -> str:
    score = f"{limits.score_name} {_points(contest.challenger.score)} on validation"
    if champion is None or contest.champion is None:
        return f"{score} is the best within the budget; the first champion"
    gain = _gain(contest.challenger, contest.champion, contest)
    return f"{score} beats {_champions(champion, contest.champion)}: {gain} is above {limits.min_gain:g}"


def _for(challenger: Candidate, contest: Contest, limits: Limits) -> tuple[str, ...]:
    mine, its = contest.challenger, contest.champion
    before = f", before {_shown(its.pd, 3)} and {_shown(its.fa_per_mpx, 1)}" if its else ""
    return (
        f"Pd {_shown(mine.pd, 3)}, Fa {_shown(mine.fa_per_mpx, 1)} px/Mpx{before}",
        f"{challenger.parameters / 1e6:.3f} M parameters, {challenger.gmac_512:.2f} GMAC at 512², "
        f"{challenger.latency_ms:.1f} ms a frame, {challenger.bundle_mb:.2f} MB: within the budget",
        f"out of the registry it scores {limits.score_name} {_points(mine.score)}, as evaluated",
    )


def _reasons(
    candidate: Candidate, challenger: Candidate | None, said: tuple[str, ...], held: str | None, limits: Limits
) -> tuple[str, ...]:
    if challenger is not None and candidate.bundle == challenger.bundle:
        return said
    faults = own_faults(candidate, limits)
    stays = ("champion still",) if candidate.bundle == held else ()
    if faults or challenger is None:
        return (*stays, *faults)
    best = f"{challenger.variant}'s {_points(challenger.score)}"
    return (*stays, f"{limits.score_name} {_points(candidate.score)} on validation is not above {best}")


def _champions(champion: Champion, its: Measured) -> str:
    return f"the champion's {_points(its.score)} (version {champion.version}, {champion.variant})"


def _gain(mine: Measured, its: Measured, contest: Contest) -> str:
    """`+3.20 [+1.10, +5.30]`."""
    if mine.score is None or its.score is None or contest.gain is None:
        return "an undefined gain"
    return with_interval(mine.score - its.score, Interval(*contest.gain), (2, 2), signed=True)


def _points(score: float | None) -> str:
    return _shown(score, 2)


def _shown(value: float | None, digits: int) -> str:
    return "undefined" if value is None else f"{value:.{digits}f}"
