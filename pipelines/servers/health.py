"""Health checks of servers."""

import time
from collections.abc import Callable

import httpx


def answers(url: str) -> bool:
    """Tell whether the server at `url` answers 200."""
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def await_answer(url: str, patience_s: float, lives: Callable[[], bool] = lambda: True) -> bool:
    """Tell whether the server at `url` answers 200 within `patience_s` seconds, while it `lives`."""
    deadline = time.monotonic() + patience_s
    while lives():  # first, since another server may answer there
        if answers(url):
            return True
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return False
