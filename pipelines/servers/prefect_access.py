"""Access to this project's Prefect servers: whoever can read one file, and no other web page."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from irstd.errors import SettingsError
from irstd.files.disk_faults import unwritten

_FILE = "auth-string"
_CLIENT, _SERVER = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"


def access_file() -> Path:
    """Return the file that holds the text which the server's page asks a person for."""
    return Path(os.environ["PREFECT_HOME"]) / _FILE


def secure_prefect() -> None:
    """Set the environment so that servers started from here ask for our text and clients send it.

    Call it before Prefect is imported. It does nothing where PREFECT_API_URL names a server: that one is a person's,
    as is the PREFECT_API_AUTH_STRING for it, or a process before this one started it and set both.

    Raises:
        SettingsError: the text cannot be stored.
    """
    if os.environ.get("PREFECT_API_URL"):
        return
    os.environ[_CLIENT] = os.environ[_SERVER] = _text()
    os.environ.setdefault("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "http://127.0.0.1:4200")  # not *, Prefect's default


def _text() -> str:
    path = access_file()
    try:
        if not path.exists():
            _create(path, f"irstd:{secrets.token_hex(32)}")
        return path.read_text(encoding="ascii")
    except OSError as fault:
        raise SettingsError(unwritten(path, fault)) from fault


def _create(path: Path, text: str) -> None:
    """Write the file for its owner alone; of several processes that do so at once, the first decides."""
    own = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(own, new, 0o600), "w", encoding="ascii") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(own, path)
    finally:
        own.unlink(missing_ok=True)
