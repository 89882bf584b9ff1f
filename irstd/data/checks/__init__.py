"""The audit of a dataset: files, labels, splits and leaks between them, figures, a picture. A rule is a file here."""

from irstd.data.checks.audit import Audit, check_dataset
from irstd.data.checks.contact_sheet import draw_contact_sheet
from irstd.data.checks.duplicates import NearDuplicate
from irstd.data.checks.findings import Finding, counted
from irstd.data.checks.record import audit_json, read_near_duplicates, write_audit
from irstd.data.checks.statistics import Spread, Statistics

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
