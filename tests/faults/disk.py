"""A command where the disk is full or cannot be written to, in mounts of its own that end with it.

`python -m tests.faults.disk CASE`, CASE being JSON, runs inside a mount namespace (`run_case` makes it): nothing that
it mounts or changes is seen outside, so that every case begins with the same project.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

_ROOT = Path(__file__).parents[2]
_PLENTY_KB = 4 << 20
_LIMIT_S = 300
# What tools keep for themselves, and what a retraining says of drift whatever comes of it.
_OWN = ("var/", ".dvc/tmp", ".dvc/cache", ".git/", "irstd/", "pipelines/", "reports/drift.")


@dataclass(frozen=True)
class Case:
    """A command and the disk it meets.

    Attributes:
        project: folder of the project; only read.
        command: arguments of Python.
        kind: `full`: a disk with `room_kb` left; `read-only`.
        where: the folder that lies on that disk, relative to the project; `.`: the project itself.
        room_kb: KiB that are left.
        given: environment, beside what is there.
        without: what is taken away first, by patterns below the project.
        params: entries of params.yaml, section.entry, that are changed first.
        again: whether the command is run once more with space again.
    """

    project: str
    command: Sequence[str]
    kind: Literal["full", "read-only"]
    where: str = "."
    room_kb: int = 0
    given: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    without: Sequence[str] = ()
    again: bool = True


@dataclass(frozen=True)
class Outcome:
    """The outcome of a case.

    Attributes:
        code: exit code; 124 where it did not end.
        lines: all that it printed.
        changed: files that were there and are others, or gone.
        left: files that were not there, beside what tools keep for themselves.
        champion: the registry's before and after.
        again: exit code of the second run, with space; None where there was none.
        told: what the second run printed at the end, where it failed.
    """

    code: int
    lines: Sequence[str]
    changed: Sequence[str]
    left: Sequence[str]
    champion: Sequence[str | None]
    again: int | None = None
    told: Sequence[str] = ()

    @property
    def errors(self) -> list[str]:
        """The lines that say what was wrong."""
        return [line for line in self.lines if line.startswith("error: ")]

    @property
    def faults(self) -> list[str]:
        """The broken promises in words; empty if the case was survived, or did not fail."""
        found = []
        if self.code not in (0, 1):
            found.append(f"exit code {self.code}")
        if self.code and len(self.errors) != 1:
            found.append(f"{len(self.errors)} lines of error")
        if any("Traceback" in line for line in self.lines):
            found.append("a traceback")
        if self.code and self.changed:
            found.append(f"changed: {', '.join(self.changed[:3])} …{len(self.changed)}")
        if self.code and self.left:
            found.append(f"left behind: {', '.join(self.left[:3])} …{len(self.left)}")
        if self.code and self.champion[0] != self.champion[1]:
            found.append(f"champion {self.champion[0]} became {self.champion[1]}")
        if self.again:
            found.append(f"with space again exit code {self.again}")
        return found


@cache
def namespace() -> tuple[str, ...] | None:
    """The command that gives another one mounts of its own; None where this machine does not allow it."""
    probe = [
        "sh",
        "-c",
        "mount -t tmpfs -o size=4k none /mnt && mount --bind /mnt /mnt && mount -o remount,ro,bind /mnt",
    ]
    for wrap in (("unshare", "-m"), ("unshare", "-rm")):
        try:
            if subprocess.run([*wrap, *probe], capture_output=True, check=False).returncode == 0:
                return wrap
        except OSError:
            return None
    return None


def run_case(case: Case) -> Outcome:
    """Try a case and return its outcome; `namespace()` must not be None."""
    wrap = namespace()
    assert wrap is not None
    command = [*wrap, sys.executable, "-m", "tests.faults.disk", json.dumps(asdict(case))]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def _inside(case: Case) -> Outcome:
    project = Path(case.project)
    place = project / case.where
    os.chdir("/")
    _copy_of_its_own(project)
    _edit(project / "params.yaml", case.params)
    for path in [path for pattern in case.without for path in project.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before, champion = _state(project), _champion(project)
    _shrink(place, case)
    code, lines = _call(case)
    after = _state(project)
    changed = sorted(path for path, digest in before.items() if after.get(path) != digest)
    left = sorted(path for path in after if path not in before)
    champions = (champion, _champion(project))
    _free(place, case)
    again, told = _call(case) if case.again and code else (None, [])
    return Outcome(code, lines, changed, left, champions, again, told[-40:] if again else ())


def _copy_of_its_own(place: Path) -> None:
    """Have `place` lie on a disk of its own in memory, with what is there.

    What is there is copied first and never mounted elsewhere: to clean up below a mount is to delete the original.
    """
    place.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp())
    _do("mount", "-t", "tmpfs", "-o", f"size={_PLENTY_KB}k,mode=755", "none", staged)
    shutil.copytree(place, staged, symlinks=True, dirs_exist_ok=True)
    _do("mount", "--move", staged, place)
    staged.rmdir()


def _edit(path: Path, changes: Mapping[str, Any]) -> None:
    """Set entries of params.yaml, named as section.entry, so that what is made is not what is there."""
    content = yaml.safe_load(path.read_text())
    for name, value in changes.items():
        section, _, entry = name.partition(".")
        if entry:
            content[section][entry] = value
        else:
            content[section] = value
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def _shrink(place: Path, case: Case) -> None:
    place.mkdir(parents=True, exist_ok=True)
    if not place.is_relative_to(case.project):  # a disk without anything of others
        _do("mount", "-t", "tmpfs", "-o", f"size={_PLENTY_KB}k,mode=1777", "none", place)
    elif case.kind == "full" and place != Path(case.project):
        _copy_of_its_own(place)
    if case.kind == "read-only":
        _do("mount", "--bind", place, place)
        _do("mount", "-o", "remount,ro,bind", place)
        return
    found = os.statvfs(place)
    used = (found.f_blocks - found.f_bfree) * found.f_frsize // 1024
    _do("mount", "-o", f"remount,size={max(used + case.room_kb, 4)}k", place)


def _free(place: Path, case: Case) -> None:
    room = "remount,rw,bind" if case.kind == "read-only" else f"remount,size={_PLENTY_KB}k"
    _do("mount", "-o", room, place)


def _do(*command: str | Path) -> None:
    subprocess.run([str(each) for each in command], check=True)


def _call(case: Case) -> tuple[int, list[str]]:
    environment = {**os.environ, "IRSTD_PYTHON": sys.executable, "COLUMNS": "200", "NO_COLOR": "1", **case.given}
    command = [sys.executable, *case.command]
    try:
        done = subprocess.run(
            command,
            cwd=case.project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            check=False,
            timeout=_LIMIT_S,
        )
    except subprocess.TimeoutExpired as fault:
        said = fault.stdout or b""
        return 124, (said.decode(errors="replace") if isinstance(said, bytes) else said).splitlines()
    return done.returncode, done.stdout.splitlines()


def _state(project: Path) -> dict[str, str]:
    """Path to hash of everything a person relies on."""
    paths = {path.relative_to(project).as_posix(): path for path in project.rglob("*") if path.is_file()}
    kept = {name: path for name, path in paths.items() if not name.startswith(_OWN) and "__pycache__" not in name}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in kept.items()}


def _champion(project: Path) -> str | None:
    database = project / "var/mlflow.db"
    if not database.is_file():
        return None
    with closing(sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            row = connection.execute("select version from registered_model_aliases where alias = 'champion'").fetchone()
        except sqlite3.OperationalError:  # a database that a full disk left without tables
            row = None
    return None if row is None else str(row[0])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_inside(Case(**json.loads(sys.argv[1]))))) + "\n")
