"""Health checks of servers."""

import time

import httpx


def answers(url: str) -> bool:
    """Return whether a server says at `url` that it is well."""
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def await_answer(url: str, patience_s: float) -> bool:
    """Return whether a server says so at `url` within that time; for one that is being started again."""
    deadline = time.monotonic() + patience_s
    while not answers(url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
