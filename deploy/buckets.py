"""The two buckets of the team's stack: `python deploy/buckets.py make | save FOLDER | load FOLDER`.

Addresses and keys come from the environment (deploy/environment.sh). `save` copies both into a folder, `load` copies
them back and leaves what is there besides: artifacts and DVC's objects are added and not changed.
"""

import sys
from pathlib import Path

import s3fs

BUCKETS = ("irstd-mlflow", "irstd-dvc")


def make(store: s3fs.S3FileSystem) -> None:
    """Make the buckets that are missing."""
    for bucket in BUCKETS:
        if not store.exists(bucket):
            store.mkdir(bucket)


def save(store: s3fs.S3FileSystem, folder: Path) -> None:
    """Copy both buckets into a folder."""
    for bucket in BUCKETS:
        (folder / bucket).mkdir(parents=True)
        for key in store.find(bucket):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            store.get_file(key, str(folder / key))


def load(store: s3fs.S3FileSystem, folder: Path) -> None:
    """Copy a folder that `save` has filled into the buckets."""
    make(store)
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        store.put_file(str(path), path.relative_to(folder).as_posix())


if __name__ == "__main__":
    action, *place = sys.argv[1:]
    opened = s3fs.S3FileSystem()
    if action == "make":
        make(opened)
    else:
        {"save": save, "load": load}[action](opened, Path(place[0]))
