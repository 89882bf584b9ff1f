"""The section `retrain`: where new frames arrive, and when they are taken in."""

from dataclasses import dataclass, field
from typing import Annotated

from irstd.settings.bounds import NotNegative, Positive, Section, Share, Text
from irstd.settings.drift import DriftRule


@dataclass(frozen=True)
class Retrain(Section):
    """How new frames are taken in.

    Attributes:
        inbox: folder where they arrive.
        cron: when to look for them, in `timezone`.
        timezone: name of the time zone.
        too_late_min: a run that begins so many minutes late is skipped.
        settle_s: a set is left alone until nothing in it has changed for so long.
        val: share of new scenes that goes to val; with 0 its frames never change.
        test: share of new scenes that goes to test; with 0 its frames never change.
        drift: the rule that advises to retrain.
    """

    inbox: Annotated[str, Text(r".+", "the path of a folder")] = "data/inbox"
    cron: Annotated[str, Text(r"\S+( +\S+){4}", "five fields, such as '0 2 * * *'")] = "0 2 * * *"
    timezone: str = "UTC"
    too_late_min: Positive = 60.0
    settle_s: NotNegative = 60.0
    val: Share = 0.0
    test: Share = 0.0
    drift: DriftRule = field(default_factory=DriftRule)

    def _relations(self) -> dict[str, bool | str]:
        return {"val": self.val + self.test < 1.0 or "val and test must leave a share of the new frames to train"}
