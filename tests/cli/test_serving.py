"""`irstd serve`: what it refuses before it listens."""

import socket
import sys
from pathlib import Path

import pytest

from irstd.server.run import TOKEN
from tests.cli.running import fails


def test_another_address_needs_a_token(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    assert TOKEN in fails("serve", "--host", "0.0.0.0", "--model", bundle)
    monkeypatch.setenv(TOKEN, "short")
    assert TOKEN in fails("serve", "--host", "0.0.0.0", "--model", bundle)


def test_a_port_that_is_taken(bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1 port {port}: cannot be listened on" in fails("serve", "--port", port, "--model", bundle)


def test_no_such_model_or_host(outside: Path) -> None:
    assert "nowhere: no such bundle" in fails("serve", "--port", 0, "--model", "nowhere")
    assert "no such address" in fails("serve", "--host", "no such host", "--model", "nowhere")


def test_a_missing_package_is_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert "pip install 'irstd[serve]'" in fails("serve", "--model", bundle)
