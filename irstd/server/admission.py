"""Limits on requests: how many at once, how many bytes, and how long a body may take."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.types import Message

from irstd.server.refusal import RefusedError

MOST_BYTES = 64 << 20
"""Of a request's body: a frame of 4096 × 4096 px in 16 bit is 32 MiB, and 43 MiB as base64."""
MOST_REQUESTS, MOST_BYTES_AT_ONCE = 32, 256 << 20
BODY_S = 60.0
_RETRY_S = 1
_SMALL = 1 << 16  # bytes of a body that is read before a refusal; the connection of a longer one is closed


class Admission:
    """Counts the requests under way; used by the event loop alone."""

    def __init__(self, most: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES_AT_ONCE) -> None:
        self.requests = self.bytes = 0
        self._most, self._most_bytes = most, most_bytes

    @property
    def is_full(self) -> bool:
        """No further request is taken in."""
        return self.requests >= self._most

    @contextmanager
    def admitted(self, request: Request) -> Iterator[None]:
        """Hold a place for a request; a body of unknown length counts as the longest.

        Raises:
            RefusedError: its body is too long (413), or there is no place (503).
        """
        size = _stated_bytes(request)
        if self.is_full or self.bytes + size > self._most_bytes:
            line = f"busy with {self.requests} requests; ask again in {_RETRY_S} s"
            raise RefusedError(503, line, {"Retry-After": str(_RETRY_S)} | _closing(size))
        self.requests += 1
        self.bytes += size
        try:
            yield
        finally:
            self.requests -= 1
            self.bytes -= size


def bounded(request: Request) -> Request:
    """Return the request with a body that raises `RefusedError` where it becomes too long."""
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            raise _too_long(MOST_BYTES + 1)
        return message

    return Request(request.scope, receive)


@contextmanager
def in_time() -> Iterator[asyncio.Timeout]:
    """Raise `RefusedError` (408) if a body takes too long; a context for `async with` is inside."""
    try:
        yield asyncio.timeout(BODY_S)
    except TimeoutError as fault:
        raise RefusedError(408, f"the body took longer than {BODY_S:g} s", {"Connection": "close"}) from fault


def _stated_bytes(request: Request) -> int:
    """Return the length of the body by its header, the longest where there is none."""
    stated = request.headers.get("content-length", "")
    if not stated.isascii() or not stated.isdigit():
        return MOST_BYTES
    size = int(stated[:20])
    if size > MOST_BYTES:
        raise _too_long(size)
    return size


def _too_long(size: int) -> RefusedError:
    line = f"the body is longer than {MOST_BYTES >> 20} MiB; send fewer frames a request"
    return RefusedError(413, line, _closing(size))


def _closing(size: int) -> dict[str, str]:
    return {"Connection": "close"} if size > _SMALL else {}
