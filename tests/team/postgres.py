"""PostgreSQL of this machine in a folder of its own, on loopback, as a user that is not root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.team.needs import MissingError

ROLE = "irstd"
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Cluster:
    """A database cluster: its folder, its programs, and the user that they run as; None: the present one."""

    folder: Path
    programs: Path
    user: str | None

    @classmethod
    def make(cls, password: str) -> "Cluster":
        """Make an empty one, whose role asks for the password."""
        user = _user()
        folder = Path(tempfile.mkdtemp(prefix="irstd-postgres-"))
        (folder / "password").write_text(password)
        for each in (folder / "password", folder):
            if user:
                shutil.chown(each, user)
        made = cls(folder, find_programs(), user)
        login = ["--username", ROLE, "--auth", "scram-sha-256", "--pwfile", str(folder / "password")]
        command = [f"{made.programs}/initdb", "--pgdata", f"{made._data}", *login, "--encoding", "UTF8"]
        subprocess.run(command, user=user, cwd="/", check=True, capture_output=True)
        (folder / "password").unlink()
        return made

    def command(self, port: int) -> list[str]:
        """The server on that port of loopback; its socket lies in its folder."""
        return [f"{self.programs}/postgres", "-D", f"{self._data}", "-p", f"{port}", "-k", f"{self.folder}",
                "-c", "listen_addresses=127.0.0.1"]  # fmt: skip

    @property
    def _data(self) -> Path:
        return self.folder / "data"


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs, the newest of Debian's where none is on the PATH.

    Raises:
        MissingError: there is none.
    """
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        raise MissingError("PostgreSQL is not installed; `apt-get install postgresql`, or put its programs on the PATH")
    return versions[-1].parent


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
