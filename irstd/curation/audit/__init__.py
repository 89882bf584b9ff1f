"""The audit of a dataset: files, labels, splits and leaks between them, figures, a picture. A rule is a file here."""

from irstd.curation.audit.audit import Audit, check_dataset
from irstd.curation.audit.contact_sheet import draw_contact_sheet
from irstd.curation.audit.duplicates import NearDuplicate
from irstd.curation.audit.findings import Finding, counted
from irstd.curation.audit.record import audit_json, read_near_duplicates, write_audit
from irstd.curation.audit.statistics import Spread, Statistics

__all__ = [
    "Audit",
    "Finding",
    "NearDuplicate",
    "Spread",
    "Statistics",
    "audit_json",
    "check_dataset",
    "counted",
    "draw_contact_sheet",
    "read_near_duplicates",
    "write_audit",
]
