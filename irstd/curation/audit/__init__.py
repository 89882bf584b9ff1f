"""The audit of a dataset: files, labels, splits and leaks between them, figures, a picture."""

from irstd.curation.audit.audit import Audit, audit_frames, check_dataset
from irstd.curation.audit.contact_sheet import draw_contact_sheet
from irstd.curation.audit.duplicates import NearDuplicate
from irstd.curation.audit.facts import FrameFacts
from irstd.curation.audit.findings import Finding, counted
from irstd.curation.audit.look import look_at_frames
from irstd.curation.audit.record import audit_json, write_audit
from irstd.curation.audit.statistics import Spread, Statistics
from irstd.curation.audit.stored import Stored

__all__ = [
    "Audit",
    "Finding",
    "FrameFacts",
    "NearDuplicate",
    "Spread",
    "Statistics",
    "Stored",
    "audit_frames",
    "audit_json",
    "check_dataset",
    "counted",
    "draw_contact_sheet",
    "look_at_frames",
    "write_audit",
]
