"""Backup, the loss of everything, and the way back."""

from pathlib import Path

import s3fs

from tests.road.project import ROOT
from tests.team.road import detect
from tests.team.state import team_state
from tests.team.team import BrokenError, Team

DATABASES = ("mlflow", "mlflow_auth", "prefect")
BUCKETS = ("irstd-mlflow", "irstd-dvc")


def backup(team: Team) -> str:
    """deploy/backup.sh, while all services run."""
    folder = team.folder / f"backup-{len(list(team.folder.glob('backup-*'))) + 1}"
    team.script("backup.sh", str(folder))
    files = [path for path in folder.rglob("*") if path.is_file()]
    if {f"{name}.dump" for name in DATABASES} - {path.name for path in files}:
        raise BrokenError(f"the backup has only {', '.join(sorted(path.name for path in files))}")
    return f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB"


def everything_comes_back(team: Team) -> str:
    """A backup; databases, store and the checkout's own cache are wiped; deploy/restore.sh brings all of it back."""
    backup(team)
    before, answered = team_state(team.project, team.environment), detect(team)
    for name in ("worker", "serve", "prefect", "mlflow"):
        team.stack.stop(name)
    for database in DATABASES:
        team.psql("-c", f"DROP DATABASE {database} WITH (FORCE)")
    wipe_store(team)
    team.script("restore.sh", str(newest_backup(team)))
    for name in ("mlflow", "prefect", "worker", "serve"):
        team.stack.start(name)
    lost = before.lost(team_state(team.project, team.environment))
    if lost:
        raise BrokenError(f"{len(lost)} lost: {'; '.join(lost[:3])}")
    if detect(team) != answered:
        raise BrokenError("the served model answers otherwise")
    team.python("-m", "dvc", "status", "-c", "-q")
    return f"champion {before.champion}, {len(before.runs)} runs and {len(before.objects)} objects are as before"


def newest_backup(team: Team) -> Path:
    """Return the folder of the newest backup.

    Raises:
        BrokenError: there is none.
    """
    found = sorted(team.folder.glob("backup-*"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise BrokenError("there is no backup to go back to")
    return found[-1]


def restore_store(team: Team, folder: Path) -> None:
    """Put the objects of a backup back."""
    team.python(str(ROOT / "deploy/buckets.py"), "load", str(folder / "buckets"))


def wipe_store(team: Team) -> None:
    """Remove both buckets with all that is in them.

    Raises:
        BrokenError: something is left.
    """
    store = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    for bucket in BUCKETS:
        store.rm(bucket, recursive=True)
    left = [bucket for bucket in BUCKETS if store.exists(bucket)]
    if left:
        raise BrokenError(f"{', '.join(left)} could not be wiped")
