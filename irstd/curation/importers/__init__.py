"""Importers of published layouts. A new one is a file here and a line in LAYOUTS."""

from irstd.curation.importers.importing import LAYOUTS, detect_layout, import_dataset, required_options
from irstd.curation.importers.layout import Layout, Published

__all__ = ["LAYOUTS", "Layout", "Published", "detect_layout", "import_dataset", "required_options"]
