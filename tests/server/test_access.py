"""Who may ask, by the name he uses, the page he is on and the token he has."""

import pytest

from irstd.errors import SettingsError
from irstd.server.access import AccessRules
from irstd.server.run import TOKEN, access_rules, is_loopback
from tests.server.conftest import bright, client_of, image, served

SECRET = "0123456789abcdef0123"
FRAME = {"files": {"files": ("a.png", image(bright()))}}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:9000", "LOCALHOST", "[::1]:8000"])
def test_names_of_loopback(host: str) -> None:
    with client_of(served()) as client:
        assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost@evil.example", "[", "", "10.0.0.1"],
)
def test_a_name_that_was_pointed_here_is_refused(host: str) -> None:
    with client_of(served()) as client:
        for path in ("/", "/model", "/health"):
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 421
            assert len(answer.text.splitlines()) == 1
        assert client.post("/detect", headers={"Host": host}, **FRAME).status_code == 421  # type: ignore[arg-type]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:81", "http://["])
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    with client_of(served()) as client:
        posted = client.post("/detect", headers={"Origin": origin}, **FRAME)  # type: ignore[arg-type]
        assert posted.status_code == 403
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for answer in (posted, client.options("/detect", headers=asked), client.get("/health")):
            assert "access-control-allow-origin" not in answer.headers


def test_the_own_page_may_ask() -> None:
    with client_of(served()) as client:
        assert client.post("/detect", headers={"Origin": "http://127.0.0.1"}, **FRAME).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["", SECRET, f"Bearer {SECRET}x", "Bearer ", f"Basic {SECRET}", "Bearer \xe4"])
def test_the_token(given: str) -> None:
    with client_of(served(), AccessRules(token=SECRET)) as client:
        right, wrong = {"Authorization": f"Bearer {SECRET}"}, {"Authorization": given.encode("latin-1")}
        for path in ("/model", "/metrics"):
            assert client.get(path, headers=wrong).status_code == 401  # type: ignore[arg-type]
            assert client.get(path, headers=right).status_code == 200
        assert client.post("/detect", headers=wrong, **FRAME).status_code == 401  # type: ignore[arg-type]
        assert client.post("/detect", headers=right, **FRAME).status_code == 200  # type: ignore[arg-type]
        for path in ("/", "/page.js", "/health", "/ready", "/openapi.json"):
            assert client.get(path, headers={"Host": "detector.example"}).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1"])
def test_loopback_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    assert access_rules(host, {}) == AccessRules(host=host)
    assert access_rules(host, {TOKEN: SECRET}).token == SECRET


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7"])
def test_other_addresses_need_one(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SettingsError, match=TOKEN):
        access_rules(host, {})
    assert access_rules(host, {TOKEN: SECRET}) == AccessRules(host=None, token=SECRET)


@pytest.mark.parametrize("token", ["short", "with blanks in it, many", "ümlaute are not for headers", "a" * 15])
def test_weak_tokens(token: str) -> None:
    with pytest.raises(SettingsError, match=TOKEN):
        access_rules("127.0.0.1", {TOKEN: token})
