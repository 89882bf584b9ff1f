"""Health checks of servers."""

import time

import httpx


def answers(url: str) -> bool:
    """Tell whether the server at `url` answers 200."""
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def await_answer(url: str, patience_s: float) -> bool:
    """Tell whether the server at `url` answers 200 within `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while not answers(url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
