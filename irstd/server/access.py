"""Who may ask: the Host and Origin of a request, the token, and the headers of every answer."""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from irstd.server.refusal import RefusedError

OPEN = frozenset({"/health", "/ready"})
"""What a probe asks for without a token; so are the files of the page, which hold no secret."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class AccessRules:
    """Rules for who may ask.

    Attributes:
        host: the loopback address that is listened on, whose name a request must use; None: any name.
        token: what a request must show; None: nothing.
        open: paths that need no token.
    """

    host: str | None = None
    token: str | None = None
    open: frozenset[str] = OPEN

    def check(self, headers: Headers, path: str) -> None:
        """Raise `RefusedError` unless a request with these headers may ask for `path`.

        A page of another site can make a browser ask a server on loopback, under a name of its own that it lets point
        there (DNS rebinding, seen in Host) or as it is (seen in Origin).
        """
        host = headers.get("host", "")
        if self.host is not None and _name_of(host) not in {*_LOOPBACK, self.host.lower()}:
            raise RefusedError(421, "Host must be localhost or the address that is listened on")
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            raise RefusedError(403, "pages of other sites may not ask; send no Origin, or this server's own")
        if self.token is not None and path not in self.open:
            self._check_token(headers.get("authorization", ""))

    def _check_token(self, given: str) -> None:
        kind, _, token = given.partition(" ")
        wanted = (self.token or "").encode()
        if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), wanted):
            raise RefusedError(
                401, "send the server's token: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
            )


class Guard:
    """ASGI middleware that refuses by `AccessRules` and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, rules: AccessRules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._rules.check(Headers(scope=scope), scope["path"])
        except RefusedError as refused:
            answer = refused.answer()
            answer.headers["Connection"] = "close"  # its body is not read
            await answer(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)


def _name_of(host: str) -> str:
    """Return the name of `NAME:PORT`, in small letters, without the brackets of IPv6; empty for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
