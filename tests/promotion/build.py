"""Candidates, a champion and contests, to vary."""

from irstd.promotion.figures import Candidate, Champion, Contest, Limits, Measured, Verdict

LIMITS = Limits(
    parameters_m=1.0,
    gmac=8.0,
    latency_ms=100.0,
    bundle_mb=5.0,
    min_gain=0.5,
    pd_loss=0.02,
    fa_rise_per_mpx=5.0,
    least_score=20.0,
    least_pd=0.5,
)
SPIRE = Candidate("spire", "b-spire", True, 60.0, 294_753, 4.84, 30.0, 1.2)
SMALL = Candidate("small", "b-small", True, 50.0, 1_000, 0.1, 5.0, 0.1)
BASELINE = Candidate("tophat", "b-tophat", False, 99.0, 0, 0.0, 1.0, 0.0)
OLD = Champion("3", "old", "b-old")
TODAY = Measured(60.0, 0.9, 10.0)
WON = Contest(TODAY, Measured(55.0, 0.9, 10.0), (0.6, 9.4))
FIRST = Contest(TODAY, None, None)


def rules(verdict: Verdict) -> list[str]:
    """Return the ids of the reasons."""
    return [reason.rule for reason in verdict.reasons]
