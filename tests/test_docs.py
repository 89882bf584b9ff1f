"""The documentation names what is public, and its build refuses pages that ask another server."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import irstd

ROOT = Path(__file__).parents[1]


def test_every_public_name_is_on_the_page_of_python() -> None:
    page = (ROOT / "docs/api.md").read_text()
    assert [name for name in irstd.__all__ if name != "__version__" and name not in page] == []


@pytest.mark.parametrize(
    ("html", "allowed"),
    [
        ('<a href="https://example.org">elsewhere</a><script src="assets/a.js"></script>', True),
        ('<script defer src="https://example.org/a.js"></script>', False),
        ("<link rel=stylesheet href=//example.org/a.css>", False),
        ('<img alt="" src="http://example.org/a.png">', False),
    ],
)
def test_no_page_fetches_from_elsewhere(html: str, allowed: bool, tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="needs irstd's extra docs")
    from mkdocs.exceptions import PluginError  # noqa: PLC0415

    from docs.hooks import on_post_build  # noqa: PLC0415

    (tmp_path / "page.html").write_text(html)
    config: Any = SimpleNamespace(site_dir=str(tmp_path))
    if allowed:
        on_post_build(config)
    else:
        with pytest.raises(PluginError, match=r"example\.org"):
            on_post_build(config)
