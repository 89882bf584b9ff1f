"""Hooks of mkdocs: pages from outside `docs`, the notebook as a page, and no page that asks another server."""

import base64
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_NOTEBOOK = "examples/detect_score_compare.ipynb"
_PAGES = {
    "data/README.md": "data.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "examples/detect_onnx.py": "examples/detect_onnx.py",
    _NOTEBOOK: _NOTEBOOK,
}
_SOURCES = {page: source for source, page in _PAGES.items()}
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
_FETCHED = re.compile(
    r"<(?:script|link|img|iframe|source|video)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'\s>]+)"
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies outside `docs`, and the page of the notebook with its pictures."""
    root = Path(config.docs_dir).parent
    for source, page in _PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(root / source)))
    pictures: dict[str, bytes] = {}
    cells = json.loads((root / _NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    page = "\n\n".join(part for cell in cells for part in _parts(cell, pictures))
    files.append(File.generated(config, "notebook.md", content=page))
    for name, content in pictures.items():
        files.append(File.generated(config, name, content=content))
    return files


def _parts(cell: dict[str, Any], pictures: dict[str, bytes]) -> Iterator[str]:
    """Yield a cell and its outputs as Markdown; add its pictures by name."""
    source = "".join(cell["source"])
    yield source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```"
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/jpeg" in data:
            name = f"notebook-{len(pictures) + 1}.jpg"
            pictures[name] = base64.b64decode("".join(data["image/jpeg"]))
            yield f"![what the cell above draws]({name})"
        else:
            text = "".join(output.get("text", data.get("text/plain", ""))).replace("\r", "").rstrip()
            yield f"``` {{ .text .output }}\n{text}\n```"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files of the repository into links between pages."""
    here = page.file.src_uri
    folder = PurePosixPath(_SOURCES.get(here, f"docs/{here}")).parent

    def target(link: re.Match[str]) -> str:
        path = posixpath.normpath(folder / link[1])
        return _PAGES.get(path, posixpath.relpath(path, "docs"))  # all pages lie side by side

    return _LINK.sub(target, markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Fail if a page would fetch something from another server."""
    for path in sorted(Path(config.site_dir).rglob("*.html")):
        fetched = _FETCHED.search(path.read_text(encoding="utf-8"))
        if fetched:
            raise PluginError(f"{path.name}: fetches {fetched[1]}; keep what a page needs in docs/")
