import sys
from pathlib import Path

import grimp
import pytest

from irstd.project.code_digest import closure, code_hash, digest

BASE = {
    "__init__.py": "",
    "work.py": '"""Doc."""\nfrom sample_code import helper\n\n\ndef f(x):\n    """Doc."""\n    return helper.g(x)\n',
    "helper.py": "def g(x):\n    from sample_code.deep import late\n    return late.h(x)\n",
    "deep/__init__.py": "START = 1\n",
    "deep/late.py": "def h(x):\n    return x + 1\n",
    "other.py": "from sample_code import work\n",
}


def hashed(folder: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]) -> str:
    for name, text in {**BASE, **changed}.items():
        path = folder / "sample_code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    sys.modules.pop("sample_code", None)
    graph = grimp.build_graph("sample_code", cache_dir=None)
    return digest(closure(graph, ["sample_code.work"], ()), (), code_hash)


def test_a_closure_follows_imports_in_functions_and_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed(tmp_path, monkeypatch, {})
    graph = grimp.build_graph("sample_code", cache_dir=None)
    found = closure(graph, ["sample_code.work"], ())
    assert found == {f"sample_code.{name}" for name in ("work", "helper", "deep", "deep.late")}
    assert closure(graph, ["sample_code.work"], ["sample_code.helper"]) == {"sample_code.work"}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"work.py": BASE["work.py"].replace("Doc.", "Another text.") + "# a comment\n"}, True),
        ({"work.py": BASE["work.py"].replace("    return", "\n    # why\n    return")}, True),
        ({"other.py": "from sample_code import work\n\nANOTHER = 1\n"}, True),
        ({"deep/late.py": "def h(x):\n    return x + 2\n"}, False),
        ({"deep/__init__.py": "START = 2\n"}, False),
        ({"work.py": BASE["work.py"].replace("helper.g(x)", "helper.g(-x)")}, False),
    ],
)
def test_only_a_real_edit_of_what_is_imported_counts(
    change: dict[str, str], same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hashed(tmp_path / "before", monkeypatch, {})
    assert (hashed(tmp_path / "after", monkeypatch, change) == before) is same


def test_files_count_by_their_bytes(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("a")
    before = digest((), [page], code_hash)
    page.write_text("b")
    assert digest((), [page], code_hash) != before
