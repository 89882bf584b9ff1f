"""The report: a table and pictures of all variants, the same bytes for the same scores."""

from irstd.report.table import markdown_table, report_table
from irstd.report.writing import write_report

__all__ = ["markdown_table", "report_table", "write_report"]
