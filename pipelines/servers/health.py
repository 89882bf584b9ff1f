"""Whether a server answers."""

import time
import urllib.error
import urllib.request


def answers(url: str) -> bool:
    """Whether a server says at `url` that it is well."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def await_answer(url: str, patience_s: float) -> bool:
    """Whether a server says so at `url` within that time; for one that is being started again."""
    deadline = time.monotonic() + patience_s
    while not answers(url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True
