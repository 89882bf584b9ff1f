"""The page in Debian's Chromium: frames in, detections out, by keyboard alone, and no request to anybody else."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from irstd.frames import write_png
from irstd.models.folder import read_bundle
from irstd.models.pretrained import FOLDER
from irstd.server.access import AccessRules
from irstd.server.app import build_app
from irstd.server.model import load_served
from irstd.server.watching import Current
from tests.server.chromium import PROGRAM, Page, chromium
from tests.server.conftest import bright

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (apt install chromium, or IRSTD_CHROMIUM)"),
]

TOKEN = "0123456789abcdef"
READY = "document.getElementById('model-line').textContent.includes('bundle')"
MARKS = "document.querySelectorAll('#marks .ring').length"
DONE = "!document.getElementById('work').hidden && document.getElementById('progress').hidden"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server with a token, in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    model = load_served(read_bundle(FOLDER), "pretrained")  # its detections are peaks, so the slider goes down to 0
    rules = AccessRules(host="127.0.0.1", token=TOKEN)
    server = uvicorn.Server(uvicorn.Config(build_app(Current(model), rules), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("chromium")) as page:
        page.look(1280, 900, "light")
        yield page


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("frames")
    faint = bright()
    faint[30:33, 50:53] = 52  # a second target, below the operating threshold
    for name, frame in (("f2.png", faint), ("f10.png", bright(20, 30))):
        write_png(folder / name, frame)
    (folder / "f3.png").write_text("no image")
    return [folder / name for name in ("f10.png", "f2.png", "f3.png")]


def points(page: Page) -> list[tuple[int, int]]:
    """The places in the table of detections."""
    script = "[...document.querySelectorAll('#found tr')].map(row => [...row.cells].map(cell => cell.innerText))"
    return [(round(float(row[1])), round(float(row[2]))) for row in page.value(script) if len(row) > 1]


def said(page: Page) -> str:
    return str(page.value("document.getElementById('status').textContent"))


def focus(page: Page) -> str:
    return str(page.value("document.activeElement.id"))


def tab_to(page: Page, identifier: str) -> None:
    for _ in range(40):
        page.press("Tab")
        if focus(page) == identifier:
            return
    raise AssertionError(f"{identifier} is not reached by Tab")


def test_a_visit(page: Page, address: str, frames: list[Path]) -> None:
    page.open(address)
    page.until("!document.getElementById('token-form').hidden")
    tab_to(page, "token")
    page.call("Input.insertText", text=TOKEN)
    page.press("Enter")
    page.until(READY)
    assert page.value("document.querySelectorAll('#charts svg').length") == 2

    page.choose("#files", *frames)
    page.until(DONE)
    time_limit = time.monotonic() + 30
    while "2 frames" not in said(page):
        assert time.monotonic() < time_limit, said(page)
    assert said(page).startswith("f2.png: 1 detection at ")
    assert "f3.png: 8 bytes that are no image" in page.value("document.getElementById('faults').textContent")
    assert points(page) == [(30, 12)]

    tab_to(page, "threshold")  # all by keyboard from here on
    page.press("Home")
    page.press("ArrowRight", 5)
    assert points(page) == [(30, 12), (51, 31)]
    assert page.value(MARKS) == 2
    assert said(page).startswith("f2.png: 2 detections at 0.005")
    page.press("End")
    assert (points(page), page.value(MARKS)) == ([], 0)
    tab_to(page, "reset")
    page.press("Enter")
    assert points(page) == [(30, 12)]
    page.value("document.getElementById('position').focus()")
    page.press("ArrowRight")
    page.until("document.getElementById('frame-title').textContent.startsWith('f10.png')")
    page.until(f"{MARKS} === 1")
    assert points(page) == [(20, 30)]

    asked = page.requests()
    assert len([each for each in asked if "/detect" in each]) == 3
    assert all(each.startswith(address) for each in asked), asked
    refused = [each for each in page.faults() if "status of 40" not in each]  # the token at first, and the third frame
    assert refused == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_and_nothing_runs_over(page: Page, address: str, scheme: str) -> None:
    page.open(address)
    for width in (1280, 360):
        page.look(width, 900, scheme)
        assert page.value("document.documentElement.scrollWidth") <= width
    contrast = """(() => {
      const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
          .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (each) => {
        for (; each; each = each.parentElement) {
          const color = getComputedStyle(each).backgroundColor;
          if (!color.endsWith(', 0)')) return color;
        }
        return 'rgb(255, 255, 255)';
      };
      const ratios = [...document.querySelectorAll('h1, h2, p, a, button, label, summary')].map(each => {
        const two = [light(getComputedStyle(each).color), light(ground(each))].sort((a, b) => a - b);
        return (two[1] + 0.05) / (two[0] + 0.05);
      });
      return Math.min(...ratios);
    })()"""
    assert page.value(contrast) >= 4.5  # WCAG 2.2, level AA
