"""Intake of new frames into a dataset: find them in an inbox, stage them in canonical form, merge."""

from irstd.curation.intake.files import check_files
from irstd.curation.intake.merging import Added, check_labels, known_sets, merge_sets
from irstd.curation.intake.placing import Placement, Shares, place_frames
from irstd.curation.intake.staging import StagedSet, stage_set
from irstd.curation.intake.waiting import InboxSet, look_into

__all__ = [
    "Added",
    "InboxSet",
    "Placement",
    "Shares",
    "StagedSet",
    "check_files",
    "check_labels",
    "known_sets",
    "look_into",
    "merge_sets",
    "place_frames",
    "stage_set",
]
