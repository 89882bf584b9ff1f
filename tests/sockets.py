"""Listening sockets of processes."""

from ipaddress import ip_address

import psutil


def listening(pid: int) -> list[tuple[str, str, int]]:
    """Name, address and port of each listening socket of a process and of all that it started."""
    parent = psutil.Process(pid)
    found = []
    for each in (parent, *parent.children(recursive=True)):
        try:
            sockets = each.net_connections(kind="inet")
            found += [(each.name(), s.laddr.ip, s.laddr.port) for s in sockets if s.status == psutil.CONN_LISTEN]
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def beyond_loopback(sockets: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Return the sockets that other machines can reach."""

    def is_loopback(address: str) -> bool:
        ip = ip_address(address)
        return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback

    return [socket for socket in sockets if not is_loopback(socket[1])]
