"""Files and folders that exist complete or not at all."""

from irstd.files.atomic import (
    clear_unfinished,
    make_folder,
    make_private_folder,
    new_file,
    new_files,
    new_folder,
    put_folder,
    require_room,
    write_bytes,
    write_folder,
    write_text,
)
from irstd.files.bounded_json import parse_json
from irstd.files.regular import open_regular, read_bytes

__all__ = [
    "clear_unfinished",
    "make_folder",
    "make_private_folder",
    "new_file",
    "new_files",
    "new_folder",
    "open_regular",
    "parse_json",
    "put_folder",
    "read_bytes",
    "require_room",
    "write_bytes",
    "write_folder",
    "write_text",
]
