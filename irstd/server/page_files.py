"""The files of the page, read once; no path of a request is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("page")
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8")
        for name in ("page", "server", "frames", "viewer", "model")
    },
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


@dataclass(frozen=True)
class PageFile:
    """A file of the page.

    Attributes:
        content: its bytes.
        kind: its media type.
    """

    content: bytes
    kind: str


def page_files() -> Mapping[str, PageFile]:
    """Return the files by their path in the address."""
    return {path: PageFile((FOLDER / name).read_bytes(), kind) for path, (name, kind) in _FILES.items()}
