"""The page asks nobody but its own server."""

import re
from pathlib import Path

from starlette.testclient import TestClient

from irstd.server.page_files import FOLDER, page_files


def test_every_file_of_the_page_is_served(client: TestClient) -> None:
    served = {path.removeprefix("/") or "index.html" for path in page_files()}
    assert served == {path.name for path in FOLDER.iterdir()}
    for path, file in page_files().items():
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (200, file.content)
        assert answer.headers["content-type"] == file.kind


def test_no_answer_lets_the_browser_go_elsewhere(client: TestClient) -> None:
    for path in ("/", "/page.js", "/model", "/nowhere"):
        headers = client.get(path).headers
        rules = dict(rule.strip().partition(" ")[::2] for rule in headers["content-security-policy"].split(";"))
        assert rules["default-src"] == "'none'"
        assert {rules[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
        assert rules["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"


def test_the_files_name_no_other_server_and_no_code_in_the_page() -> None:
    for path in FOLDER.iterdir():
        content = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.[a-z]|@import|innerHTML|\beval\(|\bon[a-z]+=", content), path
    page = Path(FOLDER, "index.html").read_text("utf-8")
    assert "style=" not in page
    assert re.findall(r"<script[^>]*>([^<]*)<", page) == [""]


def test_every_control_has_a_name() -> None:
    page = Path(FOLDER, "index.html").read_text("utf-8")
    for control in re.findall(r"<input[^>]*>", page, re.DOTALL):
        identifier = re.search(r'id="([\w-]+)"', control)
        assert identifier is not None, control
        wrapped = re.search(rf"<label>\s*{re.escape(control)}", page)
        assert "aria-label" in control or f'for="{identifier[1]}"' in page or wrapped, control
