"""Clients on several machines that promote at the same moment."""

import subprocess
import sys
import time
from pathlib import Path

from irstd.promotion.champions import registry_state
from irstd.tracking.store import open_store
from tests.team.team import BrokenError, Team
from tests.tracking.build import versions

CLIENTS = 3
PATIENCE_S = 120.0


def one_of_three_wins(team: Team) -> str:
    """Three clients, each in a folder of its own, promote another version in place of the same champion.

    One may: the others were judged against a champion that is none any more.
    """
    store = open_store(team.project)
    made = versions(store, team.folder / "rivals", CLIENTS)
    before = registry_state(store)
    signal = team.folder / "promote-now"
    roots = [team.folder / f"client-{index}" for index in range(CLIENTS)]
    clients = [
        _start(team, root, version.number, before.champion, signal) for root, version in zip(roots, made, strict=True)
    ]
    try:
        _wait_until_ready(roots, clients)
        signal.touch()
        said = [client.communicate(timeout=PATIENCE_S)[1].strip() for client in clients]
    finally:
        for client in clients:
            client.kill()
    signal.unlink()
    won = [version.number for version, client in zip(made, clients, strict=True) if client.returncode == 0]
    after = registry_state(store)
    entries = after.history[len(before.history) :]
    if len(won) != 1 or after.champion != won[0]:
        raise BrokenError(f"{len(won)} clients believe to have won ({won}), champion is {after.champion}; {said}")
    if [(entry.version, entry.before, entry.state) for entry in entries] != [(won[0], before.champion, "done")]:
        raise BrokenError(f"the history has {[entry.line for entry in entries]}")
    return f"version {won[0]} is champion in place of {before.champion}, {CLIENTS - 1} clients were refused"


def _start(team: Team, root: Path, number: str, champion: str | None, signal: Path) -> "subprocess.Popen[str]":
    root.mkdir(exist_ok=True)
    (root / "ready").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.team.rival", str(root), number, str(champion), str(signal)]
    return subprocess.Popen(command, env=team.environment, cwd=root, stderr=subprocess.PIPE, text=True)


def _wait_until_ready(roots: list[Path], clients: list["subprocess.Popen[str]"]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not all((root / "ready").exists() for root in roots):
        if time.monotonic() > deadline or any(client.poll() is not None for client in clients):
            raise BrokenError("a client did not reach the registry")
        time.sleep(0.1)
