"""A server on an address: its socket, its token, and uvicorn until Ctrl-C."""

import logging
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_address

import uvicorn

from irstd.errors import SettingsError
from irstd.server.access import AccessRules
from irstd.server.app import build_app
from irstd.server.watching import Current, Watcher

TOKEN = "IRSTD_SERVE_TOKEN"
_LEAST_TOKEN = 16
_CONNECTIONS, _KEEP_ALIVE_S, _SHUTDOWN_S = 512, 30, 20


def access_rules(host: str, environment: Mapping[str, str]) -> AccessRules:
    """Return the rules for listening on `host`, with the token of the environment.

    Raises:
        SettingsError: the address is not loopback and there is no token, or the token is too weak to be one.
    """
    loopback = is_loopback(host)
    token = environment.get(TOKEN) or None
    if token is None and not loopback:
        raise SettingsError(
            f"--host {host}: other machines reach this address, so a token is needed; set {TOKEN}, for example to what "
            "`openssl rand -hex 32` prints"
        )
    if token is not None and (
        len(token) < _LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token
    ):
        raise SettingsError(f"{TOKEN}: must have {_LEAST_TOKEN} or more letters, digits and signs of ASCII, no blank")
    return AccessRules(host=host if loopback else None, token=token)


def is_loopback(host: str) -> bool:
    """Tell whether all addresses of `host` are of this machine alone.

    Raises:
        SettingsError: there is no such host.
    """
    return all(ip_address(address.partition("%")[0]).is_loopback for _, address in _addresses(host, 0))


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host`; port 0 is any free one.

    Raises:
        SettingsError: it cannot be listened on.
    """
    family, address = _addresses(host, port)[0]
    try:
        return socket.create_server((address, port), family=family, backlog=256)
    except OSError as fault:
        raise SettingsError(
            f"{host} port {port}: cannot be listened on ({fault.strerror}); choose another with --port or --host"
        ) from fault


def serve(
    current: Current, rules: AccessRules, listening: socket.socket, watcher: Watcher, started: Callable[[], None]
) -> None:
    """Serve `current` on a socket until Ctrl-C or SIGTERM; requests under way are answered first.

    Args:
        current: the model in use.
        rules: who may ask.
        listening: of `listen`.
        watcher: of `current`, not started yet.
        started: called when requests are answered from now on.
    """
    config = uvicorn.Config(
        build_app(current, rules),
        log_level="error",
        access_log=False,
        server_header=False,
        ws="none",
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_SHUTDOWN_S,
    )
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it warns of each faulty form; the answer says so
    watcher.start()
    try:
        _Server(config, started).run(sockets=[listening])
    finally:
        watcher.stop()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()


def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    """Return family and address of each place that `host` means."""
    try:
        found = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as fault:
        raise SettingsError(f"--host {host}: no such address; give one of this machine, such as 127.0.0.1") from fault
    return [(family, str(place[0])) for family, _, _, _, place in found]
