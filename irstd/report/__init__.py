"""The report and the closing table of all variants; the same bytes for the same scores."""
