"""Folders that take the place of others: the new one whole, or the old one as it was."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from irstd.errors import DataError
from irstd.files import (
    clear_unfinished,
    make_private_folder,
    new_file,
    new_files,
    put_folder,
    require_room,
    write_folder,
    write_text,
)


def filled(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(text)
    return folder


def listing(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_put_where_nothing_is(tmp_path: Path) -> None:
    put_folder(filled(tmp_path / "new", "new"), tmp_path / "deep/below/there")
    assert listing(tmp_path) == {"deep/below/there/a.txt": "new"}
    assert not (tmp_path / "new").exists()


def test_what_stands_there_goes(tmp_path: Path) -> None:
    there = filled(tmp_path / "there", "old")
    (there / "b.txt").write_text("old")
    put_folder(filled(tmp_path / "new", "new"), there)
    assert listing(tmp_path) == {"there/a.txt": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    far = filled(tmp_path / "far", "old")
    (tmp_path / "there").symlink_to(far)
    put_folder(filled(tmp_path / "new", "new"), tmp_path / "there")
    assert listing(tmp_path) == {"there/a.txt": "new", "far/a.txt": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["far", "there"]


def test_paths_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    filled(Path("there"), "old")
    put_folder(filled(Path("new"), "new"), Path("there"))
    assert listing(tmp_path) == {"there/a.txt": "new"}


def test_the_old_one_stays_where_the_new_one_is_missing(tmp_path: Path) -> None:
    there = filled(tmp_path / "there", "old")
    with pytest.raises(DataError, match=r"there: cannot be written \(No such file or directory\); choose a folder"):
        put_folder(tmp_path / "absent", there)
    assert listing(tmp_path) == {"there/a.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_new_one_stays_where_it_cannot_be_put(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    new = filled(tmp_path / "new", "new")
    with pytest.raises(DataError, match=r"file/there: cannot be written \((Not a directory|File exists)\)"):
        put_folder(new, tmp_path / "file/there")
    assert listing(tmp_path) == {"file": "mine", "new/a.txt": "new"}


def test_a_folder_that_cannot_be_filled_stays_as_it_was(tmp_path: Path) -> None:
    there = filled(tmp_path / "there", "old")
    with pytest.raises(DataError, match=r"there: cannot be written \("):
        write_folder(there, {"a.txt": b"new", "a.txt/below": b"a file is no folder"})
    assert listing(tmp_path) == {"there/a.txt": "old"}
    write_folder(there, {"c/d.txt": b"new"})
    assert listing(tmp_path) == {"there/c/d.txt": "new"}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system at /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_folder_of_another_file_system_is_put_as_one_of_this(tmp_path: Path, elsewhere: Path) -> None:
    there, new = filled(tmp_path / "there", "old"), filled(elsewhere / "new", "new")
    (new / "link").symlink_to("a.txt")
    put_folder(new, there)
    assert listing(tmp_path) == {"there/a.txt": "new", "there/link": "new"}
    assert (there / "link").is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert not new.exists()


def test_one_of_another_file_system_that_cannot_be_copied_stays(tmp_path: Path, elsewhere: Path) -> None:
    there, new = filled(tmp_path / "there", "old"), filled(elsewhere / "new", "new")
    os.mkfifo(new / "pipe")  # of what is no file there is no copy
    with pytest.raises(DataError, match=r"^.*there: cannot be written \(.*pipe.*\)"):
        put_folder(new, there)
    assert listing(tmp_path) == {"there/a.txt": "old"}
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (new / "a.txt").read_text() == "new"


def test_files_go_to_a_folder_together_or_not_at_all(tmp_path: Path) -> None:
    there = filled(tmp_path / "there", "old")
    (there / "own.txt").write_text("somebody's")

    def write(last: Path) -> None:
        with new_files(there) as new:
            write_text(new / "a.txt", "new")
            write_text(new / last, "new")

    with pytest.raises(DataError, match=f"^{there}/absent/b.txt: cannot be written"):
        write(Path("absent/b.txt"))
    assert listing(tmp_path) == {"there/a.txt": "old", "there/own.txt": "somebody's"}
    write(Path("b.txt"))
    assert listing(tmp_path) == {"there/a.txt": "new", "there/b.txt": "new", "there/own.txt": "somebody's"}
    assert {path.name for path in there.iterdir()} == {"a.txt", "b.txt", "own.txt"}


def test_what_a_killed_process_left_beside_a_folder_goes_with_the_next_one(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f".bundle.{dead.pid}-0a.new", f".bundle.{dead.pid}.old", ".bundle.1.new", ".bundle.x.new", ".bundles"):
        (tmp_path / name).mkdir()
    write_folder(tmp_path / "bundle", {"a": b"1"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [".bundle.1.new", ".bundle.x.new", ".bundles", "bundle"]


def test_files_that_killed_processes_were_writing_are_removed(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (
        f".unfinished.{dead.pid}-0a",
        f".a.safetensors.{dead.pid}",
        ".b.safetensors.1",
        "c.safetensors",
        ".gitignore",
        f".d.{dead.pid}.x",
    ):
        (tmp_path / name).touch()
    clear_unfinished(tmp_path)
    kept = [".b.safetensors.1", f".d.{dead.pid}.x", ".gitignore", "c.safetensors"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)


def test_no_name_that_is_written_to_can_be_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[tuple[str, int]]()
    real = os.open

    def watched(path: Path, flags: int, mode: int = 0o777) -> int:
        opened.append((Path(path).name, flags))
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", watched)
    for _ in range(2):
        write_text(tmp_path / "a.txt", "new")
        require_room(tmp_path, 10)
    assert len({name for name, _ in opened}) == 4
    assert all(flags & os.O_EXCL and flags & os.O_NOFOLLOW for _, flags in opened)
    assert listing(tmp_path) == {"a.txt": "new"}


def test_a_link_where_the_temporary_file_would_be_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    monkeypatch.setattr("secrets.token_hex", lambda size: "0")
    (tmp_path / f".unfinished.{os.getpid()}-0").symlink_to(victim)
    with pytest.raises(DataError, match="cannot be written"):
        write_text(tmp_path / "a.txt", "theirs")
    assert victim.read_text() == "mine"
    assert not (tmp_path / "a.txt").exists()


def test_a_file_whose_writing_fails_stays_as_it_was(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "old")
    with pytest.raises(KeyboardInterrupt), new_file(tmp_path / "a.txt") as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert listing(tmp_path) == {"a.txt": "old"}


def test_a_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o755)
    make_private_folder(tmp_path / "var")
    make_private_folder(tmp_path / "new/var")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("var", "new/var")] == [0o700, 0o700]
