"""Files and folders that exist complete or not at all."""

from irstd.files.atomic import (
    clear_unfinished,
    make_folder,
    new_files,
    new_folder,
    put_folder,
    require_room,
    write_bytes,
    write_folder,
    write_text,
)

__all__ = [
    "clear_unfinished",
    "make_folder",
    "new_files",
    "new_folder",
    "put_folder",
    "require_room",
    "write_bytes",
    "write_folder",
    "write_text",
]
