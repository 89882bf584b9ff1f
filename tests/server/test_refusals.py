"""A request at fault is answered with one plain line, and nothing of it is decoded or opened that need not be."""

import asyncio
import base64
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from irstd.server.body import read_body
from irstd.server.refusal import RefusedError
from tests.server.conftest import bright, image

PICKLE = b"\x80\x04cos\nsystem\n(S'true'\ntR."


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header tells of a size that its few bytes do not have."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def form(*contents: bytes, name: str = "a.png") -> dict[str, Any]:
    return {"files": [("files", (name, content)) for content in contents]}


def inputs(*items: object) -> dict[str, Any]:
    return {"json": {"inputs": items}}


def text(content: str) -> dict[str, Any]:
    return {"content": content.encode(), "headers": {"Content-Type": "application/json"}}


FAULTS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no image": (form(b"no image"), 400, "a.png: 8 bytes that are no image"),
    "cut short": (form(image(bright())[:120]), 400, "a.png: no image that OpenCV can read"),
    "second of two": (form(image(bright()), b""), 400, "a.png: 0 bytes"),
    "bomb": (form(bomb(30000, 30000)), 400, "a.png: is 30000 × 30000 px; sides must be 8 to 8192 px"),
    "large": (form(bomb(8000, 8000)), 400, "a.png: is 8000 × 8000 px; sides must be"),
    "many px": (form(*[bomb(4000, 4000)] * 3), 400, "a.png: with it the request has more than"),
    "small": (form(image(np.zeros((4, 64), np.uint8))), 400, "a.png: is 64 × 4 px"),
    "pickle": (form(PICKLE), 400, "a.png: "),
    "no file": ({"data": {"a": "b"}, "files": {"files": ("a", b"")}}, 400, "field a: holds no file"),
    "no form": ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "POST /detect: "),
    "empty form": (
        {"content": b"--b--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
        400,
        "the request has 0 frames",
    ),
    "too many frames": (inputs(*[""] * 257), 400, "the request has 257 frames"),
    "no frame": (inputs(), 400, "the request has 0 frames"),
    "other key": ({"json": {"frames": []}}, 400, 'the request: must be {"inputs"'),
    "no JSON": (text("{"), 400, "the request: is no JSON"),
    "deep JSON": (text("[" * 100_000), 400, "the request: is nested deeper"),
    "not finite": (text('{"inputs": [[[NaN]]]}'), 400, "the request: is no JSON that can be used"),
    "half a character": (text('{"inputs": ["\\ud800"]}'), 400, "the request: a text in it is no Unicode"),
    "no base64": (inputs("?"), 400, "frame 0: is no base64"),
    "fractions": (inputs([[0.5] * 9] * 9), 400, "frame 0: levels are float64"),
    "ragged": (inputs([[1, 2], [3]]), 400, "frame 0: rows differ in length"),
    "odd bits": (inputs({"image": [[1] * 9] * 9, "bits": 12}), 400, "frame 0: bits must be 8 or 16"),
    "pickle in base64": (inputs(base64.b64encode(PICKLE).decode()), 400, "frame 0: "),
    "another type": ({"content": b"a", "headers": {"Content-Type": "text/csv"}}, 415, "Content-Type must be"),
    "no type": ({"content": b"a"}, 415, "Content-Type must be"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_requests(client: TestClient, fault: str) -> None:
    content, status, line = FAULTS[fault]
    answer = client.post("/detect", **content)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(line)
    assert answer.text.endswith("\n")
    assert len(answer.text.splitlines()) == 1
    assert len(answer.text) <= 301


@pytest.mark.parametrize("query", ["threshold=2", "threshold=-1", "threshold=nan", "threshold=x", "pictures=x"])
def test_faulty_parameters(client: TestClient, query: str) -> None:
    answer = client.post(f"/detect?{query}", **form(image(bright())))
    assert (answer.status_code, len(answer.text.splitlines())) == (400, 1)
    assert answer.text.startswith(query.split("=", maxsplit=1)[0])


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/detect", 405), ("GET", "/../etc/passwd", 404)])
def test_other_places(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, len(answer.text.splitlines())) == (status, 1)


def test_a_name_of_a_file_is_never_opened(client: TestClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(image(bright()))
    answer = client.post("/detect", **form(b"", name=str(secret)))
    assert answer.status_code == 400
    assert str(tmp_path) not in answer.text
    for sent in (str(secret), f"file://{secret}"):
        assert client.post("/detect", **inputs(sent)).status_code == 400


def test_long_bodies(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("irstd.server.admission.MOST_BYTES", 1000)

    def drops(kind: str) -> Iterator[bytes]:
        for _ in range(100):
            sent.append(kind)
            yield b"x" * 100

    for kind in ("image/png", "application/json", "multipart/form-data; boundary=b"):
        for content in (b"x" * 2000, drops(kind)):
            sent: list[str] = []
            answer = client.post("/detect", content=content, headers={"Content-Type": kind})
            assert answer.status_code in ((413,) if "form" not in kind else (400, 413)), answer.text
            assert len(answer.text.splitlines()) == 1


def test_a_body_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("irstd.server.admission.BODY_S", 0.0)

    async def receive() -> Any:
        await asyncio.Event().wait()

    scope = {"type": "http", "headers": [(b"content-type", b"image/png")]}
    with pytest.raises(RefusedError) as refused:
        asyncio.run(read_body(Request(scope, receive)))
    assert refused.value.status == 408
