"""The files of an audit, audit.json and near_duplicates.csv: same dataset, same bytes, in any folder."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from irstd.curation.audit.audit import Audit
from irstd.datasets.prepared import NEAR_DUPLICATE_COLUMNS, NEAR_DUPLICATES
from irstd.files import make_folder, write_text


def audit_json(audit: Audit) -> str:
    """Return name, findings and statistics as JSON; without time, and with paths relative to the dataset."""
    content = {
        "dataset": audit.name,
        "findings": [asdict(finding) for finding in audit.findings],
        "statistics": asdict(audit.statistics),
    }
    return _encodable(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"


def write_audit(folder: Path, audit: Audit) -> None:
    """Write audit.json and near_duplicates.csv (split, frame, other_split, other, correlation) to `folder`.

    Raises:
        DataError: it cannot be written to.
    """
    make_folder(folder)
    write_text(folder / "audit.json", audit_json(audit))
    table = pd.DataFrame([asdict(pair) for pair in audit.near_duplicates], columns=list(NEAR_DUPLICATE_COLUMNS))
    text = str(table.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
    write_text(folder / NEAR_DUPLICATES, _encodable(text))


def _encodable(text: str) -> str:
    """Escape what is no UTF-8 in `text`, such as parts of file names, in a way that JSON reads back."""
    return text.encode("utf-8", "backslashreplace").decode()
