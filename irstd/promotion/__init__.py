"""The gate: figures in, verdict and reasons out; pure."""

from irstd.promotion.gate import Candidate, Champion, Decision, Limits, Verdict, decide

__all__ = ["Candidate", "Champion", "Decision", "Limits", "Verdict", "decide"]
